//! `COPY` and `ADD --if-exists`: patterns in place of paths.

use dockerfile_syntax::instruction::Sources;
use dockerfile_syntax::{Place, Switch, Word};

use super::Text;
use crate::dialect::optional;

impl Text<'_> {
    /// Sources that may not be there.
    pub(super) fn if_exists(
        &mut self,
        flag: Switch,
        (sources, is_of_stage): (&Sources<'_>, bool),
        place: Place,
    ) {
        let Some(span) = flag.span else { return };
        self.drop_flag(span);
        if !flag.is_on {
            return;
        }
        for path in &sources.paths {
            self.pattern(path, is_of_stage, place);
        }
    }

    fn pattern(&mut self, path: &Word<'_>, is_of_stage: bool, place: Place) {
        let at = optional::place(path, is_of_stage);
        // What is known of a path with variables ends before the first one.
        let start = path.len() - path.trim_start_matches(['.', '/']).len();
        let first = path[start..].find('/').map_or(path.len(), |slash| start + slash);
        let end = at.as_ref().map_or(first, |at| at.end);
        let is_literal = !path.contains(['\'', '"', '\\']) && !path[..end].contains('$');
        match (at, self.start_of(path)) {
            (None, _) if is_literal => {}
            (Some(at), Some(start)) if is_literal => {
                self.insert(start + at.start, "[");
                self.insert(start + at.end, "]");
            }
            _ => {
                let message = format!(
                    "--if-exists: in an ordinary Dockerfile a source that may be missing is a pattern such as `yarn.loc[k]`, and `{path}` shows no letter to put in brackets; write the path out"
                );
                self.refuse(path.span, message, place);
            }
        }
    }
}
