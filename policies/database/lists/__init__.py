"""Campaign lists and the segments behind them."""
