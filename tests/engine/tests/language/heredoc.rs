//! Heredocs: to a shell, to another interpreter, into files.

use anyhow::Result;

use crate::image::{dockerfile, same};

const TO_INTERPRETERS: &str = r#"FROM alpine AS shell
RUN <<EOF
mkdir /out
echo "$HOME" > /out/plain
export LATER=set
echo $LATER > /out/one-shell
EOF
RUN <<-EOF
	if true; then
		echo "chomped" > /out/chomped
	fi
	EOF
RUN <<'EOF'
#!/bin/sh -eu
echo "$0" "$#" "$HOME" > /out/shebang
EOF
RUN <<-"EOF"
	#!/usr/bin/awk -f
	BEGIN { print ARGC > "/out/awk" }
	EOF
RUN cat <<ONE > /out/expanded; cat <<"TWO" > /out/quoted; cat <<-THREE > /out/third
home $HOME
ONE
home $HOME
TWO
	last
	THREE
RUN --mount=type=tmpfs,target=/t <<'EOF' sh -s one
echo "$1" > /out/argument
EOF
RUN <<FIRST cat > /out/numbered && cat 3<<SECOND <&3 >> /out/numbered
1
FIRST
2
SECOND
RUN ["sh", "-c", "echo '<<EOF' > /out/json"]
USER app
WORKDIR /tmp/own
RUN <<EOF
id -u > who
EOF

FROM python:slim AS python
RUN mkdir /out
RUN <<EOF
#!/usr/bin/env python3
import os
with open("/out/python", "w") as file:
    print(6 * 7, "\t$HOME\\n", file=file)
EOF
RUN python3 <<EOF
open("/out/input", "w").write("by way of input\n")
EOF
SHELL ["python3", "-c"]
RUN <<EOF
for number in range(2):
    open(f"/out/shell-{number}", "w").write(f"{number}\n")
EOF

FROM scratch
COPY --from=shell /out /tmp/own /
COPY --from=python /out /
"#;

#[test]
fn scripts_reach_their_interpreter() -> Result<()> {
    let image = same(dockerfile(TO_INTERPRETERS)?.path(), |build| build)?;
    for (path, expected) in [
        ("plain", "/root"),
        ("one-shell", "set"),
        ("chomped", "chomped"),
        ("shebang", "/dev/pipes/EOF 0 /root"),
        ("awk", "1"),
        ("expanded", "home /root"),
        ("quoted", "home $HOME"),
        ("third", "last"),
        ("argument", "one"),
        ("numbered", "1|2"),
        ("json", "<<EOF"),
        ("who", "1000"),
        ("python", "42 \t$HOME\\n"),
        ("input", "by way of input"),
        ("shell-0", "0"),
        ("shell-1", "1"),
    ] {
        assert_eq!(image.lines(path)?.join("|"), expected, "{path}");
    }
    Ok(())
}

const INTO_FILES: &str = r#"FROM alpine
ARG NAME=world
ENV GREETING=hello
COPY <<EOF /out/expanded
${GREETING}, ${NAME:-nobody}${ABSENT} \$NAME "quoted" 'single' \\ \n
EOF
COPY <<'EOF' /out/quoted
${GREETING} \$NAME \\
EOF
COPY <<one <<"two" <<-three /out/several/
1 $NAME
one
2 $NAME
two
	3 $NAME
		tabs
	three
COPY --chmod=755 --chown=app <<-EOF /out/tool
	#!/bin/sh
	echo "said by $(id -u)"
	EOF
COPY <<EOF /out/empty
EOF
ADD --chmod=600 <<EOF /out/added
added to $NAME
EOF
ADD --link <<archive.tar <<other /out/no-archive/
not unpacked
archive.tar
o
other
WORKDIR /out/work
COPY <<here .
relative
here
COPY beside <<text /out/mixed/
t
text
USER app
RUN --mount=type=tmpfs,target=/tmp /out/tool | tee /tmp/said && grep -q 'said by 1000' /tmp/said
"#;

#[test]
fn texts_become_files() -> Result<()> {
    let folder = crate::image::project(&[("Dockerfile", INTO_FILES), ("beside", "b\n")])?;
    let image = same(folder.path(), |build| build)?;
    assert_eq!(
        image.show("out"),
        r#"out/ 755 0:0
out/added 600 0:0 added to world
out/empty 644 0:0
out/expanded 644 0:0 hello, world $NAME "quoted" 'single' \ n
out/mixed/ 755 0:0
out/mixed/beside 644 0:0 b
out/mixed/text 644 0:0 t
out/no-archive/ 755 0:0
out/no-archive/archive.tar 644 0:0 not unpacked
out/no-archive/other 644 0:0 o
out/quoted 644 0:0 ${GREETING} \$NAME \\
out/several/ 755 0:0
out/several/one 644 0:0 1 world
out/several/three 644 0:0 3 world|tabs
out/several/two 644 0:0 2 $NAME
out/tool 755 1000:1000 #!/bin/sh|echo "said by $(id -u)"
out/work/ 755 0:0
out/work/here 644 0:0 relative
"#
    );
    Ok(())
}
