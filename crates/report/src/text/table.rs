//! Lays out a table for the terminal, columns aligned.

/// On which side a column's cells are flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table being filled, row by row.
#[derive(Clone, Debug)]
pub struct TextTable {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table with these column heads.
    #[must_use]
    pub fn new<'a>(heads: impl IntoIterator<Item = (&'a str, Align)>) -> Self {
        let (heads, aligns): (Vec<String>, Vec<Align>) =
            heads.into_iter().map(|(head, align)| (head.to_owned(), align)).unzip();
        Self { aligns, rows: vec![heads] }
    }

    /// Adds a row, one cell a column.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, each after `indent` spaces.
    #[must_use]
    pub fn render(&self, indent: usize) -> String {
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.aligns.len()).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for ((cell, align), width) in row.iter().zip(&self.aligns).zip(&widths) {
                let cell = match align {
                    Align::Left => format!("{cell:<width$}"),
                    Align::Right => format!("{cell:>width$}"),
                };
                line.push_str(&cell);
                line.push_str("  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = TextTable::new([("rule", Align::Left), ("value", Align::Right)]);
        table.row(vec!["a long name".to_owned(), "1.5 ± 0.1".to_owned()]);
        table.row(vec!["b".to_owned(), "12".to_owned()]);
        assert_eq!(
            table.render(1),
            " rule             value\n a long name  1.5 ± 0.1\n b                   12\n"
        );
    }
}
