// A face at the desk: the camera's stills are looked at while it runs; one of them is handed in.
export {};
