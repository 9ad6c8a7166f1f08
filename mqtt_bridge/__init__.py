"""Relays and sensors over MQTT: pure codecs and device profiles; one file imports paho."""
