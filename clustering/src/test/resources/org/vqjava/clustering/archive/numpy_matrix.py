"""Writes files of every kind that NumPy may meet, and prints what numpy.load makes of each."""

import io
import itertools
import pathlib
import struct
import sys
import warnings
import zipfile

import numpy as np

warnings.simplefilter("ignore")
out = pathlib.Path(sys.argv[1])
count = itertools.count()
KINDS = {"b": "whole", "i": "whole", "u": "whole", "f": "floating"}


def text(value):
    return str(int(value)) if value.dtype.kind in "biu" else float(value).hex()


def tell(path, note):
    try:
        array = np.load(path, allow_pickle=False)
        if not isinstance(array, np.ndarray):
            array = array["x"]
        readable = array.dtype.kind in KINDS and array.dtype.itemsize <= 8
    except Exception:
        readable = False
    if not readable:
        print(path.name, "refused", "", "", note, sep="\t")
        return
    print(
        path.name,
        array.dtype.name,
        ",".join(map(str, array.shape)),
        " ".join(text(v) for v in array.ravel()),
        note,
        sep="\t",
    )


def new(suffix):
    return out / f"case{next(count)}{suffix}"


def raw(header, data, version=1, note=None, suffix=".npy"):
    encoded = header if isinstance(header, bytes) else header.encode("utf-8" if version == 3 else "latin1")
    path = new(suffix)
    length = struct.pack("<H" if version == 1 else "<I", len(encoded))
    path.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + length + encoded + data)
    tell(path, note or repr(header))


def header(descr, shape="(3,)", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def samples(dtype):
    if dtype.kind == "b":
        return [False, True, True]
    if dtype.kind in "iu":
        return [np.iinfo(dtype).min, 7, min(np.iinfo(dtype).max, 2**63 - 1)]
    info = np.finfo(dtype)
    return [info.max, -info.tiny, info.smallest_subnormal, np.inf, -np.inf, np.nan, -0.0, 0.1]


# Every type, in either order, in every version, of every layout.
for code in ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]:
    for order in "<>":
        dtype = np.dtype(order + code)
        for version in [(1, 0), (2, 0), (3, 0)]:
            path = new(".npy")
            with path.open("wb") as file:
                np.lib.format.write_array(file, np.array(samples(dtype), dtype), version)
            tell(path, f"{dtype} {version}")
        for shape in [(), (1,), (0,), (2, 0, 3), (2, 3), (2, 3, 4), (1, 1, 5, 1)]:
            array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
            for turned in [array, np.asfortranarray(array), array.T]:
                path = new(".npy")
                np.save(path, turned)
                tell(path, f"{dtype} {shape}")

# Every name of a type.
CODES = "? b B h H i I l L q Q p P n N e f d g F D G S U V O M m c b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 S3 U2 V2 M8 m8 M8[ns] m8[s] T O8 i3 f1 u16 b2 b8 ?1 2f4 (2,)f4 f4,i4 B1 F4 H2 e2 d8 x"
NAMES = "bool bool_ int uint float complex str bytes object half single double longdouble byte ubyte short ushort intc uintc intp uintp long ulong longlong ulonglong int_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 float128 complex64 csingle datetime64 timedelta64 void Float32 nothing"
for code in (CODES + " " + NAMES).split() + ["", " f4", "f4 "]:
    for order in ["", "<", ">", "=", "|"]:
        # Windows' long has 32 bits.
        raw(header(f"'{order}{code}'"), bytes([64, 1, 0, 0, 0, 0, 0, 1] * 12))

# Every spelling of a header.
f4 = np.float32([1.5, -2.0, 3.0]).tobytes()
for spelling in [
    header("'<f4'"),
    header("'<f4'") + "\n",
    header("'<f4'") + " " * 37 + "\n",
    header("'<f4'", "(3L,)"),
    header("'<f4'", "(3L, 1L)"),
    header("'<f4'", "(1, 3)"),
    header("'<f4'", "(1,3,)"),
    header("'<f4'", "( 3 , )"),
    header("'<f4'", "((3),)"),
    header("'<f4'", "(3)"),
    header("'<f4'", "3"),
    header("'<f4'", "[3]"),
    header("'<f4'", "(3.0,)"),
    header("'<f4'", "('3',)"),
    header("'<f4'", "(4,)"),
    header("'<f4'", "(2,)"),
    header("'<f4'", "()"),
    header("'<f4'", "(,)"),
    header("'<f4'", "(99999999999999999999,)"),
    header("'<f4'", "(3, 1" + ", 1" * 20 + ")"),
    header('"<f4"'),
    header("'<' 'f4'"),
    header("u'<f4'"),
    header("('<f4')"),
    header("('<f4',)"),
    header("[('x', '<f4')]"),
    header("[('x', '<f4'), ('y', '<i4', (2,))]"),
    header("[(('title', 'name'), '<f4')]"),
    header("None"),
    header("4"),
    header("'<f4'", order="True"),
    header("'<f4'", order="0"),
    header("'<f4'", order="'False'"),
    header("'<f4'", order="None"),
    header("'<f4'", order="true"),
    "{'descr':'<f4','fortran_order':False,'shape':(3,)}",
    "{'shape':(3,),'descr':'<f4','fortran_order':False}",
    "{'fortran_order': False, 'shape': (3,), 'descr': '<f4'}",
    '{"descr": "<f4", "fortran_order": False, "shape": (3,)}',
    "{ 'descr' : '<f4' ,\n 'fortran_order' :\tFalse , 'shape' : (3,) , }  \n\n",
    "  {'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,),, }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}",
    "{'descr': '<f4', 'fortran_order': False, 'Shape': (3,)}",
    "{'descr': '<f4', 'descr': '<i4', 'fortran_order': False, 'shape': (3,)}",
    "['<f4', False, (3,)]",
    "",
    "\n",
    "{}",
    "{{'descr'}}",
]:
    for version in [1, 2, 3]:
        # Python 2 wrote no version 3, so NumPy takes no L there; it harms nobody.
        if version < 3 or "3L" not in spelling:
            raw(spelling, f4, version)
for version in [0, 4, 255]:
    raw(header("'<f4'"), f4, version)
for padding in range(0, 130, 7):
    raw(header("'<f4'") + " " * padding + "\n", f4)
raw(header("'<f4'"), f4[:-1])
raw(header("'<f4'"), b"")
raw(header("'<f4'"), f4 + b"more")
raw(header("[('grün', '<f4')]"), f4, 3)
raw(header("'<f4'"), f4, suffix=".npz", note="a .npy by another name")
for cut in [0, 1, 5, 7, 9, 30]:
    path = new(".npy")
    whole = io.BytesIO()
    np.save(whole, np.float32([1.5]))
    path.write_bytes(whole.getvalue()[:cut])
    tell(path, f"cut at {cut}")

# Zip files.
array = np.arange(6.0).reshape(2, 3)
for suffix in [".npz", ".npy", ".zip"]:
    for save in [np.savez, np.savez_compressed]:
        path = new(suffix)
        with path.open("wb") as file:
            save(file, x=array, other=np.asfortranarray(array), grün=array > 2)
        tell(path, f"{save.__name__} {suffix}")
npy = io.BytesIO()
np.save(npy, array)
for method in [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]:
    for names in [["x.npy"], ["x"], ["a/b.npy", "x.npy"], ["note.txt", "x.npy"]]:
        for streamed in [False, True]:
            file = io.BytesIO()
            if streamed:
                file.seekable = lambda: False
            with zipfile.ZipFile(file, "w", method, allowZip64=True) as z:
                for name in names:
                    with z.open(name, "w", force_zip64=True) as member:
                        member.write(b"no array" if name == "note.txt" else npy.getvalue())
            path = new(".npz")
            path.write_bytes(file.getvalue())
            tell(path, f"{method} {names} {streamed}")
path = new(".npz")
with zipfile.ZipFile(path, "w") as z:
    z.mkdir("folder") if hasattr(z, "mkdir") else z.writestr("folder/", "")
    z.writestr("x.npy", npy.getvalue() + b"more")
    z.writestr("pickled.npy", b"\x93NUMPY\x01\x00")
tell(path, "a folder, trailing bytes, another that is damaged")
path = new(".npz")
path.write_bytes(path.parent.joinpath("case0.npy").read_bytes()[:0] + b"PK\x05\x06" + bytes(18))
tell(path, "an empty zip")

# What Java wrote.
for path in sorted(pathlib.Path(sys.argv[2]).iterdir()):
    loaded = np.load(path, allow_pickle=False)
    arrays = [("", loaded)] if isinstance(loaded, np.ndarray) else [(n, loaded[n]) for n in loaded.files]
    for name, array in arrays:
        print("java", path.name, name, array.dtype, array.shape, array.ravel().tolist(), sep="\t")
