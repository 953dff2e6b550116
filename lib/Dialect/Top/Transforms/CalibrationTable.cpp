// Calibration tables: the text format.
#include "CalibrationTable.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
class TableParser {
public:
  Error line(StringRef text) {
    SmallVector<StringRef, 4> words;
    SplitString(text, words, " \t\r");
    if (words.empty())
      return Error::success();
    if (words[0].starts_with("#"))
      return header(text.trim());
    switch (section) {
    case Section::Values:
      return entry(words);
    case Section::AsymmetricOps:
      if (words.size() != 1)
        return refuse("expected one name in section #asym_op");
      table.asymmetric.insert(words[0]);
      return Error::success();
    case Section::Other:
      break;
    }
    return refuse("section " + sectionName + " is not supported; take it out of the table");
  }

  CalibrationTable table;

private:
  enum class Section { Values, AsymmetricOps, Other };
  Section section = Section::Values;
  std::string sectionName;

  static Error refuse(const Twine &text) { return createStringError(inconvertibleErrorCode(), text); }

  /// A comment, or the name of a section; `###` ends one.
  Error header(StringRef text) {
    if (text == "#asym_op")
      section = Section::AsymmetricOps;
    else if (text == "###" || text.starts_with("# op_name"))
      section = Section::Values;
    else if (is_contained(
                 {"#int4_th", "#int4_op", "#weight_scale", "#weight_scale_fp8", "#tpu-mlir-fp8", "#mqbench-fp8"},
                 text)) {
      section = Section::Other;
      sectionName = text.str();
    }
    return Error::success();
  }

  static bool number(StringRef word, double &value) { return !word.getAsDouble(value) && std::isfinite(value); }

  Error entry(ArrayRef<StringRef> words) {
    CalibrationEntry parsed;
    if (words.size() != 4)
      return refuse("expected NAME THRESHOLD MIN MAX, got " + Twine(words.size()) + " words");
    if (!number(words[1], parsed.threshold) || !number(words[2], parsed.range.min) ||
        !number(words[3], parsed.range.max))
      return refuse("threshold, minimum and maximum of '" + words[0] + "' must be finite numbers");
    if (parsed.threshold <= 0)
      return refuse("the threshold of '" + words[0] + "' is " + words[1] +
                    "; it must be positive (calibrate with inputs for which the value is not all zero)");
    if (parsed.range.min > parsed.range.max)
      return refuse("the minimum of '" + words[0] + "' exceeds its maximum");
    table.entries[words[0]] = parsed;
    return Error::success();
  }
};
} // namespace

Expected<CalibrationTable> top::readCalibrationTable(StringRef path) {
  std::string file = path.str();
  auto buffer = MemoryBuffer::getFile(file, /*IsText=*/true);
  if (!buffer)
    return createStringError(buffer.getError(), "calibration table '%s': %s", file.c_str(),
                             buffer.getError().message().c_str());
  TableParser parser;
  for (line_iterator line(**buffer, /*SkipBlanks=*/true), end; line != end; ++line)
    if (Error error = parser.line(*line))
      return createStringError(inconvertibleErrorCode(), "calibration table '%s', line %ld: %s", file.c_str(),
                               static_cast<long>(line.line_number()), toString(std::move(error)).c_str());
  return std::move(parser.table);
}
