"""Validates JSON documents against JSON Schemas: validate.py SCHEMA DOCUMENT [SCHEMA DOCUMENT ...]

Prints one line a fault and ends with status 1 if there is one.
"""
import json
import sys

from jsonschema import Draft202012Validator

faults = 0
for schema, document in zip(sys.argv[1::2], sys.argv[2::2]):
    with open(schema) as file:
        rules = json.load(file)
    Draft202012Validator.check_schema(rules)
    with open(document) as file:
        value = json.load(file)
    for error in Draft202012Validator(rules).iter_errors(value):
        place = "/".join(str(part) for part in error.absolute_path)
        print(f"{document}: {place}: {error.message[:200]}")
        faults += 1
sys.exit(1 if faults else 0)
