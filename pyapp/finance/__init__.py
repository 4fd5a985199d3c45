"""Consumer credit arithmetic of Regulation Z: periods, level payment, schedule, APR."""
