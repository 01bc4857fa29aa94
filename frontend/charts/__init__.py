"""Charts: frame in, Plotly figure out; they know neither Streamlit nor the lake."""
