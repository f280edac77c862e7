//! Describes where and in which form a comparison is shown.

use std::path::Path;

use corridor_tables::commands::Commands;

use crate::text::layout::Layout;
use crate::text::table::TextTable;

/// The place and the form in which a comparison is shown.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Width and colors.
    pub layout: Layout,
    /// Commands that the text may name.
    pub commands: &'a Commands,
    /// Whether tables are Markdown, to be pasted into a document.
    pub markdown: bool,
    /// Run folder that stands in commands instead of `RUN_DIR`; `None` leaves the word.
    pub folder: Option<&'a Path>,
}

impl View<'_> {
    /// Writes a table as the view asks, and adds the heads of columns without room. In Markdown an
    /// empty line stands between a table and a line of text above it.
    pub(crate) fn table(
        &self,
        table: &TextTable,
        below_text: bool,
        dropped: &mut Vec<String>,
    ) -> String {
        if self.markdown {
            let gap = if below_text { "\n" } else { "" };
            return format!("{gap}{}", table.markdown());
        }
        let fitted = table.fit(2, &self.layout);
        for head in fitted.dropped {
            if !dropped.contains(&head) {
                dropped.push(head);
            }
        }
        fitted.text
    }

    /// Names the columns that the view has no room for; empty where there are none.
    pub(crate) fn no_room(&self, dropped: &[String]) -> String {
        match dropped {
            [] => String::new(),
            heads => self.prose(&format!("no room for the columns: {}", heads.join(", "))),
        }
    }

    /// Writes prose at the width of the view.
    pub(crate) fn prose(&self, text: &str) -> String {
        let named =
            self.folder.map(|folder| text.replace("RUN_DIR", &folder.display().to_string()));
        let text = named.as_deref().unwrap_or(text);
        if text.is_empty() {
            return String::new();
        }
        if self.markdown { format!("{text}\n") } else { self.layout.wrap(text, 0, 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_folder_on_a_terminal() {
        let view = View {
            layout: Layout::terminal(80, false),
            commands: &Commands::default(),
            markdown: false,
            folder: Some(Path::new("results/my/1")),
        };
        assert_eq!(view.prose("`show RUN_DIR`"), "`show results/my/1`\n");
    }
}
