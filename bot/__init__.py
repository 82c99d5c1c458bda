"""The pullcheck app: settings, transports, stores and the demo, composed."""
