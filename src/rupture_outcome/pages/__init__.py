"""What a person opens: report, notebooks, widgets, and the sentences in them."""
