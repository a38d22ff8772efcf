//! Files of results, each in as many messages as it takes.

use dockerfile_syntax::budget::FILE_BYTES;

use super::size::{mebibytes, told};
use super::{Bridge, Code, GatewayCap, Session, Status, pb};

/// How much of a file is asked for at once: with what is around it, as much as gRPC takes in a message where nobody
/// raised its limit. Larger files are rare, so that it costs a small one no call.
const PART_BYTES: usize = (4 << 20) - (1 << 10);

/// What to do about a large file.
const MEND: &str = "keep data in files of their own, for COPY to read";

impl<B: Bridge> Session<'_, B> {
    /// A file of a result.
    ///
    /// # Errors
    /// Fails where there is no such file, where it is larger than files may be, or where it is larger than a message may
    /// be and the daemon gives no parts of it.
    pub async fn read_file(&self, reference: &pb::Ref, path: &str) -> Result<Vec<u8>, Status> {
        let first = self.read_part(reference, path, 0).await?;
        // A daemon that gave more than it was asked for knows no parts, and that is the whole.
        match first.len() == PART_BYTES {
            true => self.read_on(reference, path, first).await,
            false => Ok(first),
        }
    }

    /// A file of a result; `None` where the daemon says that there is no such file. A daemon that can't tell is no
    /// reason to go on without a file that may be there.
    ///
    /// # Errors
    /// As [`Session::read_file`], but for that.
    pub async fn read_file_if_any(&self, reference: &pb::Ref, path: &str) -> Result<Option<Vec<u8>>, Status> {
        if_any(self.read_file(reference, path).await)
    }

    /// [`Session::read_head`] as [`Session::read_file_if_any`].
    ///
    /// # Errors
    /// Fails where the daemon can't tell whether there is such a file.
    pub async fn read_head_if_any(
        &self,
        reference: &pb::Ref,
        path: &str,
        length: i64,
    ) -> Result<Option<Vec<u8>>, Status> {
        if_any(self.read_head(reference, path, length).await)
    }

    /// The first bytes of a file of a result.
    ///
    /// # Errors
    /// Fails where there is no such file.
    pub async fn read_head(&self, reference: &pb::Ref, path: &str, length: i64) -> Result<Vec<u8>, Status> {
        self.read_range(reference, path, pb::FileRange { offset: 0, length })
            .await
    }

    async fn read_part(&self, reference: &pb::Ref, path: &str, offset: usize) -> Result<Vec<u8>, Status> {
        let range = pb::FileRange {
            offset: offset as i64,
            length: PART_BYTES as i64,
        };
        self.read_range(reference, path, range).await
    }

    async fn read_range(
        &self,
        reference: &pb::Ref,
        path: &str,
        range: pb::FileRange,
    ) -> Result<Vec<u8>, Status> {
        let request = pb::ReadFileRequest {
            r#ref: reference.id.clone(),
            file_path: path.to_owned(),
            range: Some(range),
        };
        let read = self.bridge().read_file(request).await;
        Ok(read.map_err(|refused| name_size(refused, path))?.data.into())
    }

    /// The rest of a file behind its first part.
    async fn read_on(&self, reference: &pb::Ref, path: &str, mut data: Vec<u8>) -> Result<Vec<u8>, Status> {
        let size = match self.caps().supports(GatewayCap::StatFile) {
            true => usize::try_from(self.stat_file(reference, path).await?.size).ok(),
            false => None,
        };
        if let Some(size) = size {
            check(path, size, "has")?;
            data.reserve_exact(size.saturating_sub(data.len()));
        }
        while size.is_none_or(|size| data.len() < size) {
            let part = self.read_part(reference, path, data.len()).await?;
            check(path, data.len() + part.len(), "has at least")?;
            data.extend_from_slice(&part);
            if part.len() < PART_BYTES {
                break;
            }
        }
        match size.filter(|size| *size != data.len()) {
            Some(size) => Err(Status::new(format!(
                "`{path}` is said to have {size} bytes, and BuildKit handed over {}: build again",
                data.len()
            ))),
            None => Ok(data),
        }
    }
}

/// Refuses a file that is larger than files may be.
fn check(path: &str, size: usize, has: &str) -> Result<(), Status> {
    if size <= FILE_BYTES {
        return Ok(());
    }
    let message = format!(
        "`{path}` {has} {}, and a file that is read may have {}; {MEND}",
        mebibytes(size),
        mebibytes(FILE_BYTES)
    );
    Err(Status::with_code(Code::RESOURCE_EXHAUSTED, message))
}

/// What was read; nothing where there is no such file.
fn if_any(read: Result<Vec<u8>, Status>) -> Result<Option<Vec<u8>>, Status> {
    match read {
        Ok(data) => Ok(Some(data)),
        Err(status) if says_no_such_file(&status) => Ok(None),
        Err(status) => Err(status),
    }
}

/// Whether an error is that of an operating system about a file that is not there. Daemons give it no code of its own.
fn says_no_such_file(status: &Status) -> bool {
    let words = [
        "no such file or directory",
        "file does not exist",
        "cannot find the file",
        "cannot find the path",
    ];
    words.iter().any(|words| status.message.contains(words))
}

/// A daemon that refuses a part of a file for its size sends the whole: it says so in words of its own, under a general
/// code.
fn name_size(refused: Status, path: &str) -> Status {
    let said = &refused.message;
    let words = match told(said) {
        Some((size, limit)) => format!(
            "has {}, and this BuildKit reads no parts of files and hands over up to {} in a message",
            mebibytes(size),
            mebibytes(limit)
        ),
        None if said.contains("maximum allowed size") => {
            format!("is larger than this BuildKit hands over ({said})")
        }
        None => return refused,
    };
    Status {
        code: Code::RESOURCE_EXHAUSTED,
        message: format!("`{path}` {words}; {MEND}"),
        ..refused
    }
}
