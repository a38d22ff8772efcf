//! Columns of text, laid out as Go's `text/tabwriter` does.

/// Lays out lines of cells that tabs end. A column is as wide as its longest cell on adjoining lines and `gap` more
/// spaces; what follows the last tab of a line belongs to no column.
pub(super) fn align(text: &str, gap: usize) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let columns = lines
        .iter()
        .map(|cells| cells.len() - 1)
        .max()
        .unwrap_or_default();
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|_| Vec::new()).collect();
    for column in 0..columns {
        let has_cell = |cells: &Vec<&str>| cells.len() > column + 1;
        let mut start = 0;
        while start < lines.len() {
            let rest = lines.iter().skip(start);
            let length = rest.clone().take_while(|cells| has_cell(cells)).count();
            let longest = rest.take(length).map(|cells| cells[column].chars().count()).max();
            for widths in widths.iter_mut().skip(start).take(length) {
                widths.push(longest.unwrap_or_default() + gap);
            }
            start += length.max(1);
        }
    }
    let lines = lines.iter().zip(&widths).map(|(cells, widths)| {
        let padded = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let last = cells.last().copied().unwrap_or_default().to_owned();
        padded.chain([last]).collect::<String>()
    });
    lines.collect::<Vec<String>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::align;

    #[test]
    fn columns() {
        assert_eq!(align("a\tb\tc\nddd\te\t\n", 1), "a   b c\nddd e \n");
        assert_eq!(align("", 3), "");
        // Lines without a cell part a column in two; letters count, not bytes.
        assert_eq!(align("a\tb\nlonger\nčč\tb\n", 2), "a  b\nlonger\nčč  b\n");
    }
}
