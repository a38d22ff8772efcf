//! Files as other editors write them: CRLF, a byte order mark, another escape character.

use anyhow::Result;

use crate::image::{dockerfile, same};

#[test]
fn a_mark_and_comments_between_lines() -> Result<()> {
    let text = "\u{feff}# escape=\\\nFROM alpine\nRUN mkdir /out && \\\n    \\\n  # endings\n    echo one \\  \n    > /out/run\n\
                ENV A=1 \\\n    B=2\nRUN echo $A$B > /out/env\nCOPY <<EOF /out/text\na $A\n  b\nEOF\nRUN <<EOF\n\
                if [ 1 = 1 ]; then echo \"script\" > /out/script; fi # end\nEOF\nCOPY <<-EOF /out/chomped\n\tc\n\tEOF\n\
                RUN cat <<EOF > /out/input\nin $A\nEOF\n";
    let image = same(dockerfile(text)?.path(), |build| build)?;
    assert_eq!(
        image.show("out"),
        "out/ 755 0:0\nout/chomped 644 0:0 c\nout/env 644 0:0 12\nout/input 644 0:0 in 1\nout/run 644 0:0 one\n\
         out/script 644 0:0 script\nout/text 644 0:0 a 1|  b\n"
    );
    Ok(())
}

#[test]
fn carriage_returns() -> Result<()> {
    let text = "FROM alpine\nRUN mkdir /out && \\\n  # endings\n    echo one \\  \n    > /out/run\nENV A=1 \\\n    B=2\n\
                RUN echo $A$B > /out/env\nCOPY <<EOF /out/text\na $A\n  b\nEOF\nRUN <<EOF\necho script > /out/script # end\nEOF\n\
                RUN cat <<EOF > /out/input\nin $A\nEOF\n";
    let text = text.replace('\n', "\r\n");
    let image = same(dockerfile(&text)?.path(), |build| build)?;
    for (path, expected) in [
        ("run", "one\n"),
        ("env", "12\n"),
        ("script", "script\n"),
        // The lines of a heredoc stay as they are.
        ("input", "in 1\r\n"),
        ("text", "a 1\r\n  b\r\n"),
    ] {
        assert_eq!(image.text(&format!("out/{path}"))?, expected, "{path}");
    }
    Ok(())
}

#[test]
fn another_escape() -> Result<()> {
    let text = "# escape=`\nFROM alpine\nENV P=C:\\dir Q=a` b R=\"x`\"y\" S='`z'\nRUN mkdir /out # escapes\nRUN echo one `\n   two > /out/run\n\
                RUN printf '%s|' \"$P\" \"$Q\" \"$R\" \"$S\" '`' '\\n' > /out/env\nCOPY <<EOF /out/text\n\\$P $P `$Q \\\\\nEOF\n\
                WORKDIR /out/`$P\nRUN pwd > here\n";
    let image = same(dockerfile(text)?.path(), |build| build)?;
    assert_eq!(
        image.show("out"),
        "out/ 755 0:0\nout/$P/ 755 0:0\nout/$P/here 644 0:0 /out/$P\nout/env 644 0:0 C:\\dir|a b|x\"y|`z|`|\\n|\n\
         out/run 644 0:0 one two\nout/text 644 0:0 $P C:\\dir `a b \\\n"
    );
    Ok(())
}
