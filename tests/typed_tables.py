"""The tables of RULA, REBA and OWAS typed a second time, row by row as they are printed, not from the data files."""

# rows: upper arm and lower arm; columns: wrist 1 twist 1, wrist 1 twist 2, wrist 2 twist 1, ...
RULA_A = """
1 1: 12222333   1 2: 22223333   1 3: 23333344
2 1: 23333444   2 2: 33333444   2 3: 34444455
3 1: 33444455   3 2: 34444455   3 3: 44444555
4 1: 44444555   4 2: 44444555   4 3: 44455566
5 1: 55555667   5 2: 56666777   5 3: 66677778
6 1: 77777889   6 2: 88888999   6 3: 99999999
"""
# rows: neck; columns: trunk 1 to 6, each with legs 1 and 2
RULA_B = """
1: 13 23 34 55 66 77
2: 23 23 45 55 67 77
3: 33 34 45 56 67 77
4: 55 56 67 77 77 88
5: 77 77 78 88 88 88
6: 88 88 88 89 99 99
"""
# rows: arm and wrist; columns: neck, trunk and legs
RULA_C = """
1: 1233455
2: 2234455
3: 3334456
4: 3334566
5: 4445677
6: 4456677
7: 5566777
8: 5567777
"""
# rows: neck; columns: trunk 1 to 5, each with legs 1 to 4
REBA_A = """
1: 1234 2345 2456 3567 4678
2: 1234 3456 4567 5678 6789
3: 3356 4567 5678 6789 7899
"""
# rows: upper arm; columns: lower arm 1 and 2, each with wrist 1 to 3
REBA_B = """
1: 122 123
2: 123 234
3: 345 455
4: 455 567
5: 678 788
6: 788 899
"""
# rows: score A; columns: score B 1 to 12
REBA_C = """
1:   1  1  1  2  3  3  4  5  6  7  7  7
2:   1  2  2  3  4  4  5  6  6  7  7  8
3:   2  3  3  3  4  5  6  7  7  8  8  8
4:   3  4  4  4  5  6  7  8  8  9  9  9
5:   4  4  4  5  6  7  8  8  9  9  9  9
6:   6  6  6  7  8  8  9  9 10 10 10 10
7:   7  7  7  8  9  9  9 10 10 11 11 11
8:   8  8  8  9 10 10 10 10 10 11 11 11
9:   9  9  9 10 10 10 11 11 11 12 12 12
10: 10 10 10 11 11 11 11 12 12 12 12 12
11: 11 11 11 11 12 12 12 12 12 12 12 12
12: 12 12 12 12 12 12 12 12 12 12 12 12
"""
# rows: back and arms; columns: legs 1 to 7, each with load 1 to 3
OWAS = """
1 1: 111 111 111 222 222 111 111
1 2: 111 111 111 222 222 111 111
1 3: 111 111 111 223 223 111 112
2 1: 223 223 223 333 333 222 233
2 2: 223 223 233 344 344 334 234
2 3: 334 223 333 344 444 444 234
3 1: 111 111 112 333 444 111 111
3 2: 223 111 112 444 444 333 111
3 3: 223 111 233 444 444 444 111
4 1: 233 223 223 444 444 444 234
4 2: 334 234 334 444 444 444 234
4 3: 444 234 334 444 444 444 234
"""


def _flat(text: str, *, wide: bool = False) -> list[int]:
    """All cells in reading order."""
    rows = [part for part in text.replace("   ", "\n").split("\n") if part.strip()] if not wide else text.split("\n")
    cells: list[int] = []
    for row in rows:
        _, _, values = row.partition(":")
        cells += [int(value) for value in (values.split() if wide else values.replace(" ", ""))]
    return cells


TYPED: dict[tuple[str, str], list[int]] = {
    ("rula", "table_a"): _flat(RULA_A),
    ("rula", "table_b"): _flat(RULA_B),
    ("rula", "table_c"): _flat(RULA_C),
    ("reba", "table_a"): _flat(REBA_A),
    ("reba", "table_b"): _flat(REBA_B),
    ("reba", "table_c"): _flat(REBA_C, wide=True),
    ("owas", "table"): _flat(OWAS),
}
"""All cells of each table, the last axis running fastest."""
