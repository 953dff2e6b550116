//===- InstructionFormats.td - how instruction formats are written down -----------------------------*- tablegen -*-===//
//
// The classes in which a chip's instruction formats are described. A chip's Instructions.td holds the records;
// tpuc-tblgen reads them, checks that every layout covers its bits exactly once, and writes the C++ tables and the
// manual.
//
//===------------------------------------------------------------------------------------------------------------===//

/// The chip that a file describes; exactly one record per file.
class Chip {
  string namespace;
  string name;
}

/// One value of an enumeration.
class Case<string name, int value, string text> {
  string Name = name;
  int Value = value;
  string Text = text;
}

class Enumeration<string text> {
  string Text = text;
  list<Case> cases;
}
def NoEnumeration : Enumeration<""> { let cases = []; }

/// A named quantity; long and short forms of an instruction use the same name for the same thing.
class Field<string text> {
  string Text = text;
  bit Hex = 0;
  Enumeration Enum = NoEnumeration;
}
class HexField<string text> : Field<text> { let Hex = 1; }
class EnumField<string text, Enumeration e> : Field<text> { let Enum = e; }

/// Where a field lies: bit 0 is the least significant bit of byte 0. A new instruction holds the initial value.
class Bits<Field name, int offset, int width, int initial = 0> {
  Field TheField = name;
  int Offset = offset;
  int Width = width;
  int Initial = initial;
}

/// The bits of an instruction, shared by all formats that use it.
class Layout<int size> {
  int Size = size;
  list<Bits> fields;
}

/// A value of the selector field.
class SubOp<int value, string symbol, string enumerator, string meaning> {
  int Value = value;
  string Symbol = symbol;
  string Enumerator = enumerator;
  string Meaning = meaning;
}

class SubOperations<Field selector> {
  Field Selector = selector;
  list<SubOp> operations;
}

/// The engine that executes an instruction. The fields named in `dispatch` select the format.
class Engine<string name> {
  string Name = name;
}
def TIU : Engine<"TIU">;
def GDMA : Engine<"GDMA">;

/// A field value by which a format is recognised.
class Match<Field name, int value> {
  Field TheField = name;
  int Value = value;
}

class Instruction<Engine engine, Layout layout, list<Match> match, SubOperations sub> {
  Engine TheEngine = engine;
  Layout TheLayout = layout;
  list<Match> Matches = match;
  SubOperations Sub = sub;
  string operands = "";
  string note = "";
}
