"""Django's SQLite backend over SQLCipher: the whole file is sealed, and opens only while its key is in memory."""

import datetime as dt
import decimal
import threading
from pathlib import Path
from typing import Any
from weakref import WeakSet

import sqlcipher3.dbapi2 as sqlcipher
from django.db import connections
from django.db.backends.sqlite3 import base as sqlite
from django.db.backends.sqlite3._functions import register
from django.utils.dateparse import parse_date, parse_datetime, parse_time

from veil.vault import level, memory, stores
from veil.whole import own

# Sorting and temporary tables stay in memory; what is deleted is overwritten; a commit is on the disk when it returns.
_PRAGMAS = (
    "temp_store = MEMORY",
    "cache_size = -98304",  # 96 MiB of unsealed pages: unsealing one costs more than what is done with it
    "secure_delete = ON",
    "foreign_keys = ON",
    "legacy_alter_table = OFF",
    "journal_mode = WAL",
    "synchronous = FULL",
    "busy_timeout = 5000",
)

_opened: "WeakSet[DatabaseWrapper]" = WeakSet()
_guard = threading.Lock()
_shared: "dict[str, DatabaseWrapper]" = {}
making: set[str] = set()  # stores that are being made now: only those may be empty

sqlcipher.register_converter("bool", b"1".__eq__)
sqlcipher.register_converter("date", lambda told: parse_date(told.decode()))
sqlcipher.register_converter("time", lambda told: parse_time(told.decode()))
sqlcipher.register_converter("datetime", lambda told: parse_datetime(told.decode()))
sqlcipher.register_converter("timestamp", lambda told: parse_datetime(told.decode()))
sqlcipher.register_adapter(decimal.Decimal, str)
sqlcipher.register_adapter(dt.date, lambda day: day.isoformat())
sqlcipher.register_adapter(dt.datetime, lambda at: at.isoformat(" "))


class Cursor(sqlcipher.Cursor):
    """Speaks Django's `%s` to a database that knows only `?`."""

    def execute(self, query: str, params: Any = None) -> Any:
        """Run one statement."""
        if params is None:
            return super().execute(query)
        return super().execute(self._asked(query, params), params)

    def executemany(self, query: str, param_list: Any) -> Any:
        """Run one statement for each row."""
        rows = list(param_list)
        return super().executemany(self._asked(query, rows[0] if rows else ()), rows)

    def _asked(self, query: str, params: Any) -> str:
        if isinstance(params, dict):
            return query % {name: f":{name}" for name in params}
        return sqlite.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(sqlite.DatabaseWrapper):
    """One connection to a sealed store."""

    Database = sqlcipher
    display_name = "SQLCipher"

    def get_connection_params(self) -> dict[str, Any]:
        """Return where the store is; its key is asked for when the connection is made."""
        params: dict[str, Any] = super().get_connection_params()
        return params | {"database": str(stores.file_of(self.alias)), "uri": False}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the store with its key; raise `Locked` if it is not in memory."""
        key = stores.key_of(self.alias)
        path = stores.file_of(self.alias)
        if self.alias not in making and (not path.exists() or not path.stat().st_size):
            raise stores.Missing  # SQLite would make a new one, and work would go on in it
        if not path.exists():
            own(path)
        connection = sqlcipher.connect(**conn_params)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        # where the whole process overwrites what it frees, SQLite need not do it once more: it doubles every query
        wipes = "OFF" if memory.overwrites() else "ON"
        for pragma in (f"cipher_memory_security = {wipes}", *_PRAGMAS):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        register(connection)
        with _guard:
            if not any(other.alias == self.alias and other.connection is not None for other in _opened):
                _book(connection, path)
            _opened.add(self)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ARG002  (Django's signature)
        """Return a cursor of ours."""
        return self.connection.cursor(factory=Cursor)

    def is_in_memory_db(self) -> bool:
        """Tell that the store is a file."""
        return False


def shared(store: str) -> DatabaseWrapper:
    """Return the one connection of this process to a store, for whoever's turn it is; the caller sees to the turns."""
    with _guard:
        if store not in _shared:
            wrapper: DatabaseWrapper = connections.create_connection(store)
            wrapper.inc_thread_sharing()
            _shared[store] = wrapper
        return _shared[store]


def copy(store: str, target: Path) -> None:
    """Copy an open store as it was at one moment, while others write to it; the copy opens with the same key."""
    key = stores.key_of(store)
    own(target)
    source, made = sqlcipher.connect(str(stores.file_of(store))), sqlcipher.connect(str(target))
    try:
        for connection in (source, made):
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        source.execute("PRAGMA busy_timeout = 5000").fetchall()
        source.backup(made)
    finally:
        made.close()
        source.close()
    with target.open("r+b") as file:
        stores.to_disk(file)


def calm(store: str) -> None:
    """Empty the write-ahead log of an open store, unless somebody is in the middle of something there."""
    connection = sqlcipher.connect(str(stores.file_of(store)), timeout=0)
    try:
        connection.execute(f"PRAGMA key = \"x'{stores.key_of(store).hex()}'\"")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlcipher.OperationalError:
        return  # the next time
    finally:
        connection.close()


def close(store: str) -> None:
    """Close every thread's connection to a store, once nobody is at work in it; no write-ahead log is left."""
    with _guard:
        for wrapper in [wrapper for wrapper in _opened if wrapper.alias == store]:
            _opened.discard(wrapper)
            connection, wrapper.connection = wrapper.connection, None
            if connection is None:
                continue
            try:
                _book(connection, stores.file_of(store))
            except sqlcipher.DatabaseError:
                continue  # a damaged store is closed all the same
            finally:
                connection.close()


def _book(connection: Any, path: Path) -> None:
    try:
        level.book(connection, path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlcipher.OperationalError as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if "full" not in str(error):
            raise  # on a full disk the store stays as small as it is: work goes on as long as there is room in it


stores.on_closing(close)
stores.on_calming(calm)
