"""One act for each kind of want: how it is planned, forecast, carried out and taken back."""
