"""PostgreSQL as the index of several processes: our terms in a ``tsvector``, vectors beside them where a model makes some.

Three tables of its own in the house's database, which can be dropped at any time: it is fed again. The query recalls a few
hundred passages within the scope; their order is BM25's, computed here, with the statistics of the scope. Deleted rows are
gone for everybody at once; PostgreSQL gives their place on the disk free at its next vacuum.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from daffa.errors import Unavailable

from ..analyser import ANALYSER
from ..fields import FIELDS
from ..passage import Found, Hit, Passage, Query, Scope, Term, Vector
from .analysing import Row, rows_of
from .ranking import NEAR, bm25, dealt, rarity

try:
    import asyncpg  # type: ignore[import-untyped]
except ModuleNotFoundError:  # the core does without: it is in the extra ``postgres``
    asyncpg = None

__all__ = ["PostgresIndex"]

_TABLES = """
CREATE TABLE IF NOT EXISTS search_shards (
    collection text COLLATE "C" PRIMARY KEY, analyser text COLLATE "C" NOT NULL, epoch text COLLATE "C" NOT NULL,
    counter bigint NOT NULL, passages bigint NOT NULL, lengths bigint[] NOT NULL
);
CREATE TABLE IF NOT EXISTS search_passages (
    collection text COLLATE "C", id text COLLATE "C", document text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL, valid_from integer NOT NULL, valid_to integer NOT NULL,
    terms tsvector NOT NULL, fields text[] COLLATE "C" NOT NULL, PRIMARY KEY (collection, id)
);
DO $$ BEGIN  -- else each start would have the table to itself for a moment
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'search_passages'::regclass AND attname = 'revision') THEN
        ALTER TABLE search_passages ADD COLUMN revision text COLLATE "C" NOT NULL DEFAULT '';
    END IF;
END $$;
CREATE INDEX IF NOT EXISTS search_passages_document ON search_passages (collection, document);
CREATE INDEX IF NOT EXISTS search_passages_terms ON search_passages USING gin (terms);
CREATE TABLE IF NOT EXISTS search_frequencies (
    collection text COLLATE "C", term text COLLATE "C", passages bigint NOT NULL, PRIMARY KEY (collection, term)
);
"""
_VECTORS = """
CREATE EXTENSION IF NOT EXISTS vector;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'search_passages'::regclass AND attname = 'embedding') THEN
        ALTER TABLE search_passages ADD COLUMN embedding halfvec, ADD COLUMN model text COLLATE "C";
        ALTER TABLE search_passages ALTER COLUMN embedding SET STORAGE MAIN;  -- read in place: each question reads them all
    END IF;
END $$;
"""
_GONE = """
WITH gone AS (DELETE FROM search_passages WHERE collection = $1 AND document = ANY($2) RETURNING terms, fields),
lexemes AS (SELECT lexeme, count(*) AS n FROM gone, unnest(gone.terms) GROUP BY lexeme),
less AS (UPDATE search_frequencies f SET passages = f.passages - n FROM lexemes WHERE collection = $1 AND term = lexeme)
SELECT fields FROM gone
"""
_MORE = """
INSERT INTO search_frequencies (collection, term, passages)
SELECT $1, lexeme, count(*) FROM search_passages p, unnest(p.terms) WHERE p.collection = $1 AND p.id = ANY($2)
GROUP BY lexeme ORDER BY lexeme
ON CONFLICT (collection, term) DO UPDATE SET passages = search_frequencies.passages + excluded.passages
"""
_ADD = """
INSERT INTO search_passages (collection, id, document, language, valid_from, valid_to, terms, fields, revision)
VALUES ($1, $2, $3, $4, $5, $6, array_to_tsvector($7::text[]), $8, $9)
"""
_WITHIN = """
collection = ANY($1) AND ($2::integer IS NULL OR ((valid_from = 0 OR valid_from <= $2) AND (valid_to = 0 OR valid_to >= $2)))
AND (cardinality($3::text[]) = 0 OR language = ANY($3))
"""
_NEAREST = f"""
SELECT collection, document, id, embedding <=> $4::text::halfvec AS distance FROM search_passages
WHERE {_WITHIN} AND model = $5 ORDER BY distance, collection, id LIMIT {NEAR}
"""  # noqa: S608 - our words
_LACKING = """
SELECT asked.id FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS asked (id, revision, n) WHERE NOT EXISTS (
    SELECT FROM search_passages p WHERE p.collection = $1 AND p.id = asked.id AND p.revision = asked.revision
    AND (p.model = $4 OR $5 AND starts_with(p.model, $4))
) ORDER BY asked.n
"""
# A row that was written before rows had a revision is taken to be of this one.
_KEEP = """
UPDATE search_passages SET embedding = $5::text::halfvec, model = $6, revision = $4
WHERE collection = $1 AND id = $2 AND document = $3 AND revision IN ($4, '')
"""
_SORTED_IN = "SELECT gin_clean_pending_list('search_passages_terms')"
_LOCK = int.from_bytes(b"search")
_MANY = 500
_RECALLED = 400
_MOST_READ = 3_000  # passages that one query looks at to recall some
_TELLING = 10  # terms whose presence orders what is recalled


class PostgresIndex:
    """A ``VectorIndex`` in a PostgreSQL database; without ``model`` it keeps no vectors, and looks at none."""

    def __init__(self, pool: Any, analyser: str, model: str) -> None:
        self._pool, self._analyser, self._model = pool, analyser, model

    @classmethod
    async def open(cls, url: str, analyser: str = ANALYSER, model: str = "") -> PostgresIndex:
        """Open the index in the database at ``url``, making its tables where they are absent; ``model`` makes its vectors.

        Raises ``Unavailable`` without the driver, without a server, or without the extension that vectors need.
        """
        if asyncpg is None:
            raise _unusable("the driver asyncpg is not installed")
        with _said():
            pool = await asyncpg.create_pool(url, min_size=0, max_size=8, timeout=10, command_timeout=600)
            try:
                async with pool.acquire() as connection, connection.transaction():
                    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                    await connection.execute(_TABLES + (_VECTORS if model else ""))
            except BaseException:
                await pool.close()
                raise
        return cls(pool, analyser, model)

    async def put(self, passages: Sequence[Passage]) -> None:
        """See ``Index.put``. All of it is seen at once, or nothing."""
        ordered = sorted(passages, key=lambda passage: passage.collection)
        async with self._change() as connection:
            for collection, some in groupby(ordered, key=lambda passage: passage.collection):
                await self._put(connection, collection, list(some))

    async def drop(self, collection: str, documents: Collection[str] | None = None) -> None:
        """See ``Index.drop``."""
        async with self._change() as connection:
            if documents is None:
                for table in ("passages", "frequencies", "shards"):
                    await connection.execute(f"DELETE FROM search_{table} WHERE collection = $1", collection)  # noqa: S608 - our words
            elif (lengths := await self._take_out(connection, collection, documents)) is not None:
                await self._count(connection, collection, [-length for length in lengths[1]], -lengths[0])

    async def search(self, query: Query, scope: Scope, k: int) -> Found:
        """See ``Index.search``; where the question has a vector scores are dealt out (``dealt``)."""
        fusing = bool(query.vector and self._model)
        with _said():
            async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
                shards = await self._shards(connection, scope)
                version = self._version(shards)
                if not shards or k < 1:
                    return Found((), version)
                within = ([row["collection"] for row in shards], scope.day, sorted(scope.languages))
                by_words = await self._by_words(connection, query.terms, within, shards)
                by_meaning = await self._by_meaning(connection, query.vector, within) if fusing else []
        best = dealt(by_words[: max(k, NEAR)], by_meaning, k) if fusing else tuple(by_words[:k])
        return Found(best, version)

    async def lacking(self, collection: str, revisions: Mapping[str, str], length: int) -> list[str]:
        """See ``VectorIndex.lacking``."""
        model = self._of(length) if length else f"{self._model}:"
        asked = (collection, list(revisions), list(revisions.values()), model, not length)
        with _said():
            async with self._pool.acquire() as connection:
                return [row["id"] for row in await connection.fetch(_LACKING, *asked)]

    async def keep(self, collection: str, vectors: Sequence[Vector]) -> None:
        """See ``VectorIndex.keep``. A passage that is gone, or of another text, in the meantime gets none."""
        told = [
            (collection, one.passage, one.document, one.revision, _written(one.values), self._of(len(one.values)))
            for one in vectors
        ]
        async with self._change() as connection:
            await connection.executemany(_KEEP, told)
            await self._count(connection, collection, [0] * len(FIELDS), 0)
            await connection.execute(_SORTED_IN)

    async def version(self, scope: Scope | None = None) -> str:
        """See ``Index.version``."""
        with _said():
            async with self._pool.acquire() as connection:
                return self._version(await self._shards(connection, scope))

    async def marks(self) -> Mapping[str, str]:
        """See ``Index.marks``."""
        with _said():
            async with self._pool.acquire() as connection:
                return {row["collection"]: _mark(row) for row in await self._shards(connection, None)}

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @contextlib.asynccontextmanager
    async def _change(self) -> AsyncIterator[Any]:
        with _said():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                yield connection

    async def _put(self, connection: Any, collection: str, passages: list[Passage]) -> None:
        await self._begin(connection, collection)
        gone, less = await self._take_out(connection, collection, {passage.document for passage in passages}) or (0, [0] * 99)
        lengths = [-length for length in less[: len(FIELDS)]]
        revisions = {passage.id: passage.revision for passage in passages}
        with contextlib.closing(rows_of(passages)) as batches:
            while (rows := await asyncio.to_thread(next, batches, None)) is not None:
                await connection.executemany(_ADD, [(*_values(row), revisions[row.id]) for row in rows])
                await connection.execute(_MORE, collection, [row.id for row in rows])
                lengths = [before + more for before, more in zip(lengths, _lengths([row.terms for row in rows]), strict=True)]
        await self._count(connection, collection, lengths, len(passages) - gone)
        # Else each query reads what waits to be sorted in, and plans as if the tables were empty, until a vacuum comes by.
        await connection.execute(_SORTED_IN)
        if len(passages) >= _MANY:
            await connection.execute("ANALYZE search_passages, search_frequencies")

    async def _begin(self, connection: Any, collection: str) -> None:
        """Have a shard of our analyser; one of another is emptied."""
        old = await connection.fetchval("SELECT analyser FROM search_shards WHERE collection = $1", collection)
        if old == self._analyser:
            return
        for table in ("passages", "frequencies", "shards"):
            await connection.execute(f"DELETE FROM search_{table} WHERE collection = $1", collection)  # noqa: S608 - our words
        new = "INSERT INTO search_shards VALUES ($1, $2, $3, 0, 0, $4)"
        await connection.execute(new, collection, self._analyser, secrets.token_hex(8), [0] * len(FIELDS))

    async def _take_out(self, connection: Any, collection: str, documents: Collection[str]) -> tuple[int, Sequence[int]] | None:
        """Delete documents; how many passages and terms by field they had, ``None`` where there were none."""
        gone = await connection.fetch(_GONE, collection, list(documents))
        if not gone:
            return None
        await connection.execute("DELETE FROM search_frequencies WHERE collection = $1 AND passages <= 0", collection)
        return len(gone), _lengths([row["fields"] for row in gone])

    async def _count(self, connection: Any, collection: str, lengths: Sequence[int], passages: int) -> None:
        change = (
            "UPDATE search_shards SET counter = counter + 1, passages = passages + $2, lengths ="
            " ARRAY(SELECT a + b FROM unnest(lengths, $3::bigint[]) WITH ORDINALITY AS sums (a, b, n) ORDER BY n)"
            " WHERE collection = $1"
        )
        await connection.execute(change, collection, passages, list(lengths))

    async def _shards(self, connection: Any, scope: Scope | None) -> Sequence[Any]:
        asked = "SELECT * FROM search_shards WHERE analyser = $1 AND ($2::text[] IS NULL OR collection = ANY($2))"
        wanted = None if scope is None else sorted(scope.collections)
        rows: Sequence[Any] = await connection.fetch(f"{asked} ORDER BY collection", self._analyser, wanted)
        return rows

    async def _by_words(
        self, connection: Any, terms: Sequence[Term], within: tuple[Any, ...], shards: Sequence[Any]
    ) -> list[Hit]:
        weights: dict[str, float] = {}
        for term in terms:
            if term.field in FIELDS and term.weight > 0:
                lexeme = f"{FIELDS.index(term.field)}{term.text}"
                weights[lexeme] = weights.get(lexeme, 0.0) + term.weight
        counted = (
            "SELECT term, sum(passages)::bigint AS n FROM search_frequencies"
            " WHERE collection = ANY($1) AND term = ANY($2) GROUP BY term"
        )
        having = {row["term"]: row["n"] for row in await connection.fetch(counted, within[0], list(weights))}
        passages = sum(row["passages"] for row in shards)
        told = {lexeme: weights[lexeme] * rarity(passages, count) for lexeme, count in having.items()}
        if not told:
            return []
        statement, words = _recall(told, having)
        recalled = await connection.fetch(statement, *within, *words)
        asked: list[dict[str, float]] = [{} for _ in FIELDS]
        for lexeme, weight in told.items():
            asked[int(lexeme[0])][lexeme[1:]] = weight
        averages = [sum(row["lengths"][number] for row in shards) / passages for number in range(len(FIELDS))]
        hits = [_hit(row, bm25(row["fields"], asked, averages)) for row in recalled]
        return sorted(hits, key=lambda hit: (-hit.score, hit.collection, hit.id))

    async def _by_meaning(self, connection: Any, vector: Sequence[float], within: tuple[Any, ...]) -> list[Hit]:
        rows = await connection.fetch(_NEAREST, *within, _written(vector), self._of(len(vector)))
        return [Hit(row["collection"], row["document"], row["id"], 1 - row["distance"]) for row in rows]

    def _of(self, length: int) -> str:
        """What vectors are kept under: those of another model, or of another length, are never compared."""
        return f"{self._model}:{length}"

    def _version(self, shards: Sequence[Any]) -> str:
        marks = "\n".join(f"{row['collection']} {_mark(row)}" for row in shards)
        named = f"{self._analyser}+{self._model}" if self._model else self._analyser
        return f"{named}-{hashlib.sha256(marks.encode()).hexdigest()[:12]}"


def _recall(told: Mapping[str, float], having: Mapping[str, int]) -> tuple[str, list[str]]:
    """The statement that recalls passages within ``$1`` to ``$3``, and its further arguments: what brings them in, what orders.

    Frequent words alone bring nobody in where telling ones do: else a question would look at half of the library. Of those
    that have the same words the shorter ones come first, as they do in the end.
    """
    telling = sorted(told, key=lambda lexeme: -told[lexeme])
    wanted, read = telling[:1], having[telling[0]]
    for lexeme in telling[1:]:
        read += having[lexeme]
        if read > _MOST_READ:
            break
        wanted.append(lexeme)
    ordering = telling[:_TELLING]
    score = " + ".join(f"{told[one]:.6f} * (terms @@ ${at}::text::tsquery)::int" for at, one in enumerate(ordering, 5))
    statement = (
        f"SELECT collection, document, id, language, fields FROM search_passages WHERE {_WITHIN} AND terms @@ $4::text::tsquery"  # noqa: S608 - our words and numbers
        f" ORDER BY {score} DESC, length(terms), collection, id LIMIT {_RECALLED}"
    )
    return statement, [" | ".join(map(_quoted, wanted)), *map(_quoted, ordering)]


def _hit(row: Any, score: float) -> Hit:
    terms, number, _ = row["fields"]
    return Hit(row["collection"], row["document"], row["id"], score, row["language"], number, terms)


def _quoted(lexeme: str) -> str:
    """A lexeme as a ``tsquery`` of one word."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _values(row: Row) -> tuple[Any, ...]:
    lexemes = {f"{number}{term}" for number, text in enumerate(row.terms) for term in text.split()}
    days = (row.valid_from, row.valid_to)
    return (row.collection, row.id, row.document, row.language, *days, sorted(lexemes), list(row.terms))


def _lengths(rows: Sequence[Sequence[str]]) -> list[int]:
    """How many terms each field has in all ``rows`` together."""
    return [sum(len(row[number].split()) for row in rows) for number in range(len(FIELDS))]


def _written(vector: Sequence[float]) -> str:
    """A vector of length 1, which half precision holds, as PostgreSQL reads it."""
    length = math.hypot(*vector) or 1.0
    return "[" + ",".join(f"{value / length:.5g}" for value in vector) + "]"


def _mark(row: Any) -> str:
    return f"{row['epoch']}-{row['counter']}"


def _unusable(reason: str) -> Unavailable:
    return Unavailable("search_index_unusable", folder="PostgreSQL", reason=reason)


@contextlib.contextmanager
def _said() -> Any:
    """What the driver raises, in the words of the house."""
    try:
        yield
    except (OSError, TimeoutError) as error:
        raise _unusable(str(error) or "it does not answer") from error
    except Exception as error:
        if asyncpg is not None and isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError)):
            raise _unusable(str(error).partition("\n")[0]) from error
        raise
