// tpuc-tblgen: writes C++ tables and the manual from the instruction formats of a chip.
#include "llvm/TableGen/Main.h"
#include "InstructionModel.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TableGen/Record.h"

using namespace llvm;

namespace {
enum class Output { Enums, Tables, Manual };

cl::opt<Output> output(cl::desc("What to write:"), cl::Required,
                       cl::values(clEnumValN(Output::Enums, "gen-enums", "C++ enumerations"),
                                  clEnumValN(Output::Tables, "gen-tables", "C++ tables of encoder and decoder"),
                                  clEnumValN(Output::Manual, "gen-manual", "manual page in Markdown")));

bool writeOutput(raw_ostream &os, const RecordKeeper &records) {
  std::optional<tblgen::Chip> chip = tblgen::readChip(records);
  if (!chip)
    return true;
  switch (output) {
  case Output::Enums:
    tblgen::emitEnums(*chip, os);
    break;
  case Output::Tables:
    tblgen::emitTables(*chip, os);
    break;
  case Output::Manual:
    tblgen::emitManual(*chip, os);
    break;
  }
  return false;
}
} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "instruction formats to C++ tables and manual\n");
  return TableGenMain(argv[0], writeOutput);
}
