"""The tables of `graph.sqlite`: parts are the truth, everything else is derived from them.

| table | one row is |
|---|---|
| vocabulary | a URI, kind, link name or form that rows refer to by code |
| revisions | a transaction that landed |
| model_sets, document_names | what codes and numbers stand for; never removed |
| documents | a version of a document's header and namespaces, open where `to_revision` is NULL |
| parts | a version of what a document states about an element, open likewise |
| subjects | the number of (model set, mRID); never removed, so a number is never given again |
| elements | an element as it is now, in few bytes, for scans and filters |
| descriptions | its name, kinds and properties |
| links, pending, owners | derived from all open parts |
| link_counts | how many links of a name the elements of a model set have |

A payload is JSON: [[type codes], code of `identified_by`, [property code, form code, value, ...]].
"""

from __future__ import annotations

from typing import Final

from graph_service.domain.layers import Layer

VERSION: Final = 1

LAYER_CODES: Final = {Layer.PHYSICAL: 1, Layer.COMMUNICATION: 2, Layer.OWNERSHIP: 3}
LAYERS: Final = {code: layer for layer, code in LAYER_CODES.items()}

SCHEMA: Final = """
CREATE TABLE vocabulary (code INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
INSERT INTO vocabulary VALUES (0, '');
CREATE TABLE revisions (
  number INTEGER PRIMARY KEY, at TEXT NOT NULL, author TEXT NOT NULL, message TEXT NOT NULL,
  changes TEXT NOT NULL, undoes INTEGER);
CREATE TABLE model_sets (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE document_names (
  id INTEGER PRIMARY KEY, model_set INTEGER NOT NULL, name TEXT NOT NULL,
  fingerprint TEXT NOT NULL DEFAULT '', UNIQUE (model_set, name));
CREATE TABLE documents (
  id INTEGER PRIMARY KEY, document INTEGER NOT NULL, from_revision INTEGER NOT NULL,
  to_revision INTEGER, body TEXT NOT NULL);
CREATE INDEX documents_by_name ON documents (document, to_revision);
CREATE TABLE subjects (
  number INTEGER PRIMARY KEY, model_set INTEGER NOT NULL, mrid TEXT NOT NULL);
CREATE INDEX subjects_by_mrid ON subjects (mrid COLLATE NOCASE, model_set);
CREATE TABLE parts (
  id INTEGER PRIMARY KEY, document INTEGER NOT NULL, element INTEGER NOT NULL,
  section INTEGER NOT NULL, ordinal INTEGER NOT NULL, from_revision INTEGER NOT NULL,
  to_revision INTEGER, type INTEGER NOT NULL, line INTEGER NOT NULL, size INTEGER NOT NULL,
  payload BLOB NOT NULL);
CREATE INDEX parts_by_element ON parts (element, to_revision, document);
CREATE INDEX parts_by_document ON parts (document, size) WHERE to_revision IS NULL;
CREATE INDEX parts_opened ON parts (from_revision);
CREATE INDEX parts_closed ON parts (to_revision) WHERE to_revision IS NOT NULL;
CREATE TABLE elements (
  number INTEGER PRIMARY KEY, model_set INTEGER NOT NULL, kind INTEGER NOT NULL,
  layer INTEGER NOT NULL, state INTEGER NOT NULL, phases INTEGER NOT NULL);
CREATE INDEX elements_by_kind ON elements (kind);
CREATE TABLE descriptions (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL, kinds TEXT NOT NULL,
  properties TEXT NOT NULL);
CREATE INDEX descriptions_by_name ON descriptions (folded);
CREATE TABLE links (
  source INTEGER NOT NULL, name INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (source, name, target)) WITHOUT ROWID;
CREATE INDEX links_by_target ON links (target, name, source);
CREATE TABLE pending (
  source INTEGER NOT NULL, name INTEGER NOT NULL, target TEXT NOT NULL, piece TEXT NOT NULL,
  met INTEGER, PRIMARY KEY (source, name, target, piece)) WITHOUT ROWID;
CREATE INDEX pending_by_piece ON pending (piece COLLATE NOCASE);
CREATE TABLE owners (
  element INTEGER NOT NULL, owner INTEGER NOT NULL,
  PRIMARY KEY (element, owner)) WITHOUT ROWID;
CREATE INDEX owners_by_owner ON owners (owner, element);
CREATE TABLE link_counts (
  model_set INTEGER NOT NULL, name INTEGER NOT NULL, links INTEGER NOT NULL,
  PRIMARY KEY (model_set, name)) WITHOUT ROWID
"""

SCRATCH: Final = """
CREATE TEMP TABLE IF NOT EXISTS staged (
  seq INTEGER PRIMARY KEY, document INTEGER, model_set INTEGER, mrid TEXT, section INTEGER,
  ordinal INTEGER DEFAULT 0, type INTEGER, line INTEGER, size INTEGER, payload BLOB);
CREATE TEMP TABLE IF NOT EXISTS repeats (seq INTEGER PRIMARY KEY, ordinal INTEGER);
CREATE TEMP TABLE IF NOT EXISTS kept (part INTEGER PRIMARY KEY, seq INTEGER, line INTEGER);
CREATE TEMP TABLE IF NOT EXISTS closing (part INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS touched (
  number INTEGER PRIMARY KEY, kind INTEGER, alive INTEGER, dirty INTEGER);
CREATE TEMP TABLE IF NOT EXISTS work (number INTEGER PRIMARY KEY);
CREATE TEMP TABLE IF NOT EXISTS refs (
  source INTEGER, model_set INTEGER, name INTEGER, target TEXT, piece TEXT,
  met INTEGER, folded INTEGER DEFAULT 0);
CREATE TEMP TABLE IF NOT EXISTS link_log (
  step INTEGER, delta INTEGER, source INTEGER, name INTEGER, target INTEGER);
CREATE TEMP TABLE IF NOT EXISTS new_owners (
  element INTEGER, owner INTEGER, PRIMARY KEY (element, owner)) WITHOUT ROWID
"""
"""Scratch tables of the writer; `work`, `refs` and `staged` are emptied at every step."""

SCRATCH_TABLES: Final = (
    "staged",
    "repeats",
    "kept",
    "closing",
    "touched",
    "work",
    "refs",
    "link_log",
    "new_owners",
)
