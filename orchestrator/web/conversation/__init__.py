"""The page of one conversation: shown, judged, followed live, listened to, and acted upon."""
