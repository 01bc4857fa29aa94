"""What reads: the Streamlit pages."""
