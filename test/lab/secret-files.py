"""Writes the data of a Secret (JSON on stdin, which may be empty) to files. usage: secret-files.py FOLDER"""
import base64, json, os, sys
text = sys.stdin.read()
os.makedirs(sys.argv[1], exist_ok=True)
for name, value in (json.loads(text).get('data') or {} if text.strip() else {}).items():
    with open(os.path.join(sys.argv[1], name), 'wb') as file:
        file.write(base64.b64decode(value))
