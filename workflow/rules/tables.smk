# Tables: what the stages give -> what may be shown, small counts suppressed, as CSV and HTML.
# needs: what intake, coding, agreement and models give
# gives: flow.csv, tables/*.{csv,html}
