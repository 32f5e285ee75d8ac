"""The driver of one live call: joins the machine to engine, caller and store."""
