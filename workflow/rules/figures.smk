# Figures: drawn from published tables where there is one, else with small counts left out.
# needs: tables, study/scored, coding
# gives: figures/*.{svg,png,alt.txt}
