//! Lays out a table: columns aligned for a terminal and fitted to its width, or as Markdown.

use crate::text::layout::Layout;

/// Spaces between two columns.
const GAP: usize = 2;
/// Narrowest width to which the cells of a folded column are wrapped.
const FOLDED_MIN: usize = 16;

/// The side on which the cells of a column are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// The left side, for text.
    Left,
    /// The right side, for numbers.
    Right,
}

/// A table that is filled row by row.
#[derive(Clone, Debug)]
pub struct TextTable {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
    /// Columns that may be left out where the width is too small, the first to go first.
    droppable: Vec<usize>,
}

/// A table fitted to a width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// Lines of the table.
    pub text: String,
    /// Heads of the columns that were left out.
    pub dropped: Vec<String>,
}

impl TextTable {
    /// Makes a table with these column heads.
    #[must_use]
    pub fn new<'a>(heads: impl IntoIterator<Item = (&'a str, Align)>) -> Self {
        let (heads, aligns): (Vec<String>, Vec<Align>) =
            heads.into_iter().map(|(head, align)| (head.to_owned(), align)).unzip();
        Self { aligns, rows: vec![heads], droppable: Vec::new() }
    }

    /// Names the columns that may be left out where the width is too small, the first to go first.
    #[must_use]
    pub fn may_drop(mut self, columns: impl IntoIterator<Item = usize>) -> Self {
        self.droppable = columns.into_iter().collect();
        self
    }

    /// Adds a row with one cell per column.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Returns the lines of the whole table, each after `indent` spaces.
    #[must_use]
    pub fn render(&self, indent: usize) -> String {
        self.lines(&self.all_columns(), indent, None, &Layout::default())
    }

    /// Returns the table as wide as the layout allows: columns that may go are left out one by
    /// one, then the cells of the last column are folded. Verdicts are colored.
    #[must_use]
    pub fn fit(&self, indent: usize, layout: &Layout) -> Fitted {
        let mut columns = self.all_columns();
        let Some(width) = layout.table_width else {
            return Fitted {
                text: self.lines(&columns, indent, None, layout),
                dropped: Vec::new(),
            };
        };
        let room = width.saturating_sub(indent);
        let mut dropped = Vec::new();
        let mut droppable = self.droppable.iter();
        while self.width_of(&columns, None) > room {
            let is_last_narrow = |columns: &[usize]| {
                let folded = self.last_width(columns, room);
                folded.is_some_and(|folded| self.width_of(columns, Some(folded)) <= room)
            };
            if is_last_narrow(&columns) {
                break;
            }
            let Some(column) = droppable.next() else { break };
            columns.retain(|other| other != column);
            dropped.extend(self.rows[0].get(*column).cloned());
        }
        let folded = (self.width_of(&columns, None) > room)
            .then(|| self.last_width(&columns, room))
            .flatten();
        Fitted { text: self.lines(&columns, indent, folded, layout), dropped }
    }

    /// Returns the table as Markdown, every column included.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = (0..self.aligns.len())
                .map(|column| {
                    cells.get(column).map_or("", String::as_str).trim().replace('|', "\\|")
                })
                .collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = self.aligns.iter().map(|align| match align {
            Align::Left => ":--",
            Align::Right => "--:",
        });
        let rule = format!("| {} |\n", rule.collect::<Vec<_>>().join(" | "));
        let body: String = self.rows[1..].iter().map(|row| line(row)).collect();
        line(&self.rows[0]) + &rule + &body
    }

    /// Returns the width of the whole table, in columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width_of(&self.all_columns(), None)
    }

    fn all_columns(&self) -> Vec<usize> {
        (0..self.aligns.len()).collect()
    }

    fn width_of_column(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    /// Width of these columns with gaps; the last one is `folded` wide, if it is given.
    fn width_of(&self, columns: &[usize], folded: Option<usize>) -> usize {
        let widths: Vec<usize> =
            columns.iter().map(|&column| self.width_of_column(column)).collect();
        let last = widths.last().copied().unwrap_or(0);
        let all: usize = widths.iter().sum();
        all - last + folded.unwrap_or(last).min(last) + GAP * columns.len().saturating_sub(1)
    }

    /// Width that is left for the last column, if it is text and there is enough room to fold it.
    fn last_width(&self, columns: &[usize], room: usize) -> Option<usize> {
        let last = *columns.last()?;
        let others = self.width_of(columns, Some(0));
        let left = room.checked_sub(others)?;
        (self.aligns[last] == Align::Left && left >= FOLDED_MIN).then_some(left)
    }

    fn lines(
        &self,
        columns: &[usize],
        indent: usize,
        folded: Option<usize>,
        layout: &Layout,
    ) -> String {
        let widths: Vec<usize> =
            columns.iter().map(|&column| self.width_of_column(column)).collect();
        let begin: usize = indent
            + widths.iter().rev().skip(1).sum::<usize>()
            + GAP * columns.len().saturating_sub(1);
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (&column, &width) in columns.iter().zip(&widths) {
                let cell = row.get(column).map_or("", String::as_str);
                let is_last = columns.last() == Some(&column);
                let cell = match (self.aligns[column], folded) {
                    (Align::Left, Some(width)) if is_last => fold(cell, width, begin, layout),
                    (Align::Left, _) if is_last => layout.verdict(cell),
                    (Align::Left, _) => format!("{cell:<width$}"),
                    (Align::Right, _) => format!("{cell:>width$}"),
                };
                line.push_str(&cell);
                line.push_str(&" ".repeat(GAP));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Breaks a cell into lines of `width`, the second and later ones after `begin` spaces.
fn fold(cell: &str, width: usize, begin: usize, layout: &Layout) -> String {
    let wrapped = Layout { width, ..*layout }.wrap(cell, 0, 0);
    let mut lines = wrapped.lines();
    let first = layout.verdict(lines.next().unwrap_or_default());
    let rest: String = lines.map(|line| format!("\n{}{line}", " ".repeat(begin))).collect();
    first + &rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TextTable {
        let heads = [
            ("rule", Align::Left),
            ("value", Align::Right),
            ("extra", Align::Right),
            ("verdict", Align::Left),
        ];
        let mut table = TextTable::new(heads).may_drop([2]);
        table.row(["a long name", "1.5 ± 0.1", "12345", "better"].map(str::to_owned).to_vec());
        let last = "not resolved, needs about 16,000 paths";
        table.row(["b", "12", "1", last].map(str::to_owned).to_vec());
        table
    }

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

    #[test]
    fn the_last_column_folds_before_another_one_goes() {
        let wide = table().fit(0, &Layout::terminal(120, false));
        assert_eq!((wide.text, wide.dropped), (table().render(0), Vec::new()));
        let folded = table().fit(0, &Layout::terminal(60, false));
        assert!(folded.dropped.is_empty());
        assert!(folded.text.lines().all(|line| line.chars().count() <= 60), "{}", folded.text);
        assert!(folded.text.contains("needs about\n"), "{}", folded.text);
        let narrow = table().fit(0, &Layout::terminal(43, false));
        assert_eq!(narrow.dropped, ["extra"]);
        assert!(narrow.text.lines().all(|line| line.chars().count() <= 43), "{}", narrow.text);
    }

    #[test]
    fn a_pipe_gets_every_column() {
        assert_eq!(table().fit(2, &Layout::default()).text, table().render(2));
    }

    #[test]
    fn markdown_has_every_column_and_no_loose_bar() {
        let mut table = table();
        table.row(["c|d", "1", "2", "worse"].map(str::to_owned).to_vec());
        let text = table.markdown();
        assert!(
            text.starts_with("| rule | value | extra | verdict |\n| :-- | --: | --: | :-- |\n")
        );
        assert!(text.contains("| c\\|d | 1 | 2 | worse |"), "{text}");
    }

    #[test]
    fn verdicts_are_colored_where_the_terminal_has_colors() {
        let text = table().fit(0, &Layout::terminal(120, true)).text;
        assert!(text.contains("\u{1b}[32mbetter\u{1b}[0m"), "{text}");
        assert!(!table().render(0).contains('\u{1b}'));
    }
}
