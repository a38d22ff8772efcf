//! Dockerfiles whose build fails, and what is said below the daemon's error.

/// What a Dockerfile's failure is said to come from, on an engine that can list the names of a context or not.
pub const HINTS: &[(&str, &str)] = &[
    (
        "FROM alpine\nCOPY a.log /\n",
        "Dockerfile:2:6: line 2 of .dockerignore, `*.log`, keeps `a.log` out of the build context: take that line away, \
         or write `!a.log` below it",
    ),
    (
        "FROM alpine\nCOPY package.json dist/app.js /x/\n",
        "Dockerfile:2:19: line 3 of .dockerignore, `dist`, keeps `dist/app.js` out of the build context",
    ),
    (
        "FROM alpine\nCOPY ../other/x /\n",
        "Dockerfile:2:6: `../other/x` leads out of the build context, where nothing can be read",
    ),
    (
        "FROM alpine\nCOPY package.json /x/ # note\n",
        "Dockerfile:2:23: `#` and what follows it are read as paths: write the comment on a line of its own, above",
    ),
    (
        "FROM alpine AS build\nWORKDIR /app\nRUN echo x >out.txt\nFROM alpine\nCOPY --from=build out.txt /\n",
        "Dockerfile:5:19: `build` has no `/out.txt`, but `/app/out.txt`; paths of another stage begin at its root, not at \
         its WORKDIR",
    ),
    (
        "FROM alpine AS build\nRUN mkdir /app && echo x >/app/out.txt\nFROM alpine\nCOPY --from=build --link /app/ot.txt /\n",
        "Dockerfile:4:26: `build` has no `/app/ot.txt` (did you mean `/app/out.txt`?)",
    ),
    (
        "FROM scratch AS build\nCOPY package.json /\nFROM alpine\nRUN --mount=from=build,source=/pkg,target=/p true\n",
        "Dockerfile:4:31: `build` has no `/pkg`: `/` has `package.json`",
    ),
    (
        "FROM scratch\nCOPY package.json /\nRUN echo hi\n",
        "Dockerfile:3:1: this stage has no `/bin/sh` so far, which runs a command that is no JSON array",
    ),
    (
        "FROM alpine\nSHELL [\"bash\", \"-c\"]\nRUN echo hi\n",
        "Dockerfile:3:1: this stage has no `bash` in any folder of PATH so far, and SHELL on line 2 says to run commands \
         with it",
    ),
    (
        "FROM alpine\nRUN [\"nosuch\"]\n",
        "Dockerfile:2:1: this stage has no `nosuch` in any folder of PATH so far: install or copy it",
    ),
    (
        "FROM alpine\nRUN --mount=type=cache,target=/bin echo hi\n",
        "Dockerfile:2:1: the cache mounted at `/bin` hides `/bin/sh`, which starts this step",
    ),
    (
        "FROM alpine\nCOPY --chmod=755 x.sh /\nRUN /x.sh\n",
        "Dockerfile:3:1: the first line of `/x.sh`, `#!/bin/sh`, ends in CR LF",
    ),
    (
        "FROM alpine\nWORKDIR /w\nCOPY --chmod=755 y.sh .\nRUN [\"./y.sh\"]\n",
        "Dockerfile:4:1: `/w/y.sh` is run by `/bin/nosh`, says its first line, and this stage has none so far",
    ),
    (
        "FROM alpine\nCOPY --chmod=644 y.sh /\nRUN /y.sh\n",
        "Dockerfile:3:1: `/y.sh` is run by `/bin/nosh`",
    ),
    (
        "FROM alpine\nRUN printf '#!/bin/sh\\n' >/z.sh\nRUN /z.sh\n",
        "Dockerfile:3:1: `/z.sh` may not be run: write `COPY --chmod=755`",
    ),
    (
        "FROM alpine\nRUN <<EOF\r\nls /\r\nEOF\r\n",
        "Dockerfile:2:1: the lines of the heredoc EOF end in CR LF",
    ),
    (
        "FROM alpine\nCOPY --chmod=755 s390x /\nRUN [\"/s390x\"]\n",
        "Dockerfile:3:1: `/s390x` is for linux/s390x and the builder for linux/",
    ),
    (
        "FROM alpine\nRUN mkdir /tools && printf '#!/bin/sh\\n' >/tools/tool && chmod +x /tools/tool\nENV PATH=/tools:$PATH\n\
         RUN --mount=type=tmpfs,target=/tools tool\n",
        "Dockerfile:4:1: the tmpfs mounted at `/tools` hides `/tools/tool`",
    ),
    (
        "FROM alpine\nRUN --mount=type=secret,id=token cat /run/secrets/token\n",
        "Dockerfile:2:1: `/run/secrets/token` is there only if the client passes the secret, with `--secret \
         id=token,src=FILE`",
    ),
];

/// Hints for which the names of the whole context must be known, which daemons can ask for from 0.20 on.
pub const HINTS_OF_NAMES: &[(&str, &str)] = &[
    (
        "FROM alpine\nCOPY pakage.json /\n",
        "Dockerfile:2:6: the build context has no `pakage.json` (did you mean `package.json`?)",
    ),
    (
        "FROM alpine\nADD app.conf /\n",
        "Dockerfile:2:5: the build context has no `app.conf`, but `conf/app.conf`",
    ),
    (
        "FROM alpine\nCOPY cofn/*.conf /\n",
        "Dockerfile:2:6: the build context has no folder `cofn` (did you mean `conf`?)",
    ),
    (
        "FROM alpine\nCOPY package.json/x /\n",
        "Dockerfile:2:6: `package.json` of the build context is a file, and no folder",
    ),
    (
        "FROM alpine\nCOPY --parents conf/./nothing.conf /\n",
        "Dockerfile:2:16: the build context has no `conf/nothing.conf`: `conf` has `app.conf`",
    ),
    (
        "FROM alpine\nRUN --mount=source=package.jsn,target=/p true\n",
        "Dockerfile:2:20: the build context has no `package.jsn` (did you mean `package.json`?)",
    ),
    (
        "FROM alpine\nCOPY /home/me/thing /\n",
        "Dockerfile:2:6: the build context has no folder `home`: its top folder has `.dockerignore`, `Dockerfile`, \
         `conf`, `package.json`, `s390x`, `x.sh` and 1 more; a path begins at the top of the context, not of this machine",
    ),
];
