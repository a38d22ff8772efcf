//! ADD of local archives.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use plimsoll_engine::program::need;
use tar::{Builder, EntryType, Header};

use crate::fixture::write;
use crate::image::{project, same, settle};

/// When the files of the archive were changed last.
pub const PACKED: u64 = 1_234_567_890;

/// A tar file with owners, modes and a link.
pub fn archive() -> Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    let mut put = |path: &str, kind: EntryType, mode: u32, text: &str| -> Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(12);
        header.set_gid(34);
        header.set_mtime(PACKED);
        if kind == EntryType::Symlink {
            header.set_size(0);
            return Ok(tar.append_link(&mut header, path, text)?);
        }
        header.set_size(text.len().try_into()?);
        Ok(tar.append_data(&mut header, path, text.as_bytes())?)
    };
    put("top/", EntryType::Directory, 0o750, "")?;
    put("top/plain", EntryType::Regular, 0o640, "p\n")?;
    put("top/tool", EntryType::Regular, 0o4755, "t\n")?;
    put("top/link", EntryType::Symlink, 0o777, "plain")?;
    Ok(tar.into_inner()?)
}

/// What [`archive`] is unpacked to below a folder.
fn unpacked(folder: &str) -> String {
    format!(
        "{folder}/ 755 0:0\n{folder}/top/ 750 12:34\n{folder}/top/link -> plain 12:34\n{folder}/top/plain 640 12:34 p\n\
         {folder}/top/tool 4755 12:34 t\n"
    )
}

/// The bytes as a program writes them that reads its input.
pub fn filtered(program: &str, package: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut filter = Command::new(need(program, package)?)
        .arg("--stdout")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = filter.stdin.take().context("no input")?;
    input.write_all(bytes)?;
    drop(input);
    Ok(filter.wait_with_output()?.stdout)
}

fn put_archives(folder: &Path) -> Result<()> {
    let tar = archive()?;
    write(folder, "one.tar", &tar)?;
    write(folder, "one.tar.gz", &filtered("gzip", "gzip", &tar)?)?;
    write(folder, "one.tar.xz", &filtered("xz", "xz-utils", &tar)?)?;
    write(folder, "one.tar.bz2", &filtered("bzip2", "bzip2", &tar)?)?;
    // The content says what it is, not the name.
    write(folder, "no-ending", &filtered("gzip", "gzip", &tar)?)?;
    write(folder, "text.tar.gz", b"no archive\n")?;
    write(folder, "text.gz", &filtered("gzip", "gzip", b"only text\n")?)?;
    settle(folder)
}

#[test]
fn local_archives_are_unpacked() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM scratch\n\
             ADD one.tar /tar/\n\
             ADD one.tar.gz /gz\n\
             ADD one.tar.xz /xz/\n\
             ADD one.tar.bz2 /bz2/\n\
             ADD no-ending /none/\n\
             ADD --unpack=true one.tar.gz /asked/\n\
             ADD --unpack one.tar.gz /asked-too/\n\
             ADD --unpack=false one.tar.gz /kept/\n\
             ADD text.tar.gz text.gz /text/\n\
             ADD --chown=5:6 one.tar /owned/\n\
             ADD --link one.tar /linked/\n\
             ADD one.tar plain /both/\n\
             COPY one.tar.gz /copied/\n",
        ),
        ("plain", "beside\n"),
    ])?;
    put_archives(folder.path())?;
    let image = same(folder.path(), |build| build)?;
    for folder in ["tar", "gz", "xz", "bz2", "none", "asked", "asked-too", "linked"] {
        assert_eq!(image.show(folder), unpacked(folder));
        assert_eq!(image.mtime(&format!("{folder}/top/plain"))?, PACKED);
    }
    assert_eq!(
        image.show("both"),
        unpacked("both").replacen("both/top/", "both/plain 644 0:0 beside\nboth/top/", 1)
    );
    assert_eq!(
        image.show("owned"),
        "owned/ 755 5:6\nowned/top/ 750 5:6\nowned/top/link -> plain 5:6\nowned/top/plain 640 5:6 p\n\
         owned/top/tool 4755 5:6 t\n"
    );
    let names = |folder: &str| {
        let below = format!("{folder}/");
        let names = image.files.keys().filter_map(|name| name.strip_prefix(&below));
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("kept"), "one.tar.gz");
    assert_eq!(names("text"), "text.gz text.tar.gz");
    assert_eq!(names("copied"), "one.tar.gz");
    Ok(())
}
