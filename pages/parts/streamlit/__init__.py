"""Every workaround for Streamlit, and every use of its private parts. docs/streamlit.md says for each what it is for."""
