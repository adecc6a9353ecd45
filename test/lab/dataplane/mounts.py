"""Writes the data of mounted objects to the files of running istiods and pods. usage: mounts.py FOLDER_OF_CLUSTER. stdin: Secret cacerts, then a list of ConfigMaps"""
import base64, glob, json, os, sys
text, decoder = sys.stdin.read(), json.JSONDecoder()
secret, end = decoder.raw_decode(text)
maps, _ = decoder.raw_decode(text[end:].lstrip())
roots = {m['metadata']['namespace']: m['data']['root-cert.pem'].encode() for m in maps['items']}
def put(path, data):
    if open(path, 'rb').read() == data: return
    # The owner of the file stays, and istiod notices a write.
    with open(path, 'wb') as file: file.write(data)
for folder in glob.glob(sys.argv[1] + '/istiod-*/cacerts'):
    for name, value in secret['data'].items():
        if os.path.exists(os.path.join(folder, name)): put(os.path.join(folder, name), base64.b64decode(value))
for folder in glob.glob(sys.argv[1] + '/pods/*'):
    path = folder + '/var/run/secrets/istio/root-cert.pem'
    if not os.path.exists(path) or not os.path.exists(folder + '/pod.json'): continue
    namespace = json.load(open(folder + '/pod.json'))['metadata']['namespace']
    if namespace in roots: put(path, roots[namespace])
