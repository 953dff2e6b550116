// Reading of quantize tables.
#include "QuantizeTable.h"
#include "WeightOnly.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>
#include <vector>

using namespace llvm;
using namespace tpu_mlir;

ElementType tpu_mlir::typeOfMode(StringRef mode) {
  std::string upper = mode.upper();
  if (upper == "F32")
    return ElementType::F32;
  if (upper == "F16")
    return ElementType::F16;
  if (upper == "BF16")
    return ElementType::BF16;
  if (upper == "INT8")
    return ElementType::I8;
  return ElementType::None;
}

/// The three names that need the fewest edits to become `name`.
static std::string nearest(StringRef name, const StringSet<> &names) {
  std::vector<std::pair<unsigned, StringRef>> ranked;
  for (const auto &entry : names)
    ranked.emplace_back(name.edit_distance(entry.getKey()), entry.getKey());
  size_t count = std::min<size_t>(3, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + count, ranked.end());
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", '" : "'") + ranked[i].second.str() + "'";
  return text;
}

/// The words of a line.
static SmallVector<StringRef, 4> wordsOf(StringRef line) {
  SmallVector<StringRef, 4> words;
  llvm::SplitString(line, words, " \t\r");
  return words;
}

/// The number types of a mode word; none where it is unknown.
static TableMode tableModeOf(StringRef mode) {
  if (std::optional<WeightOnly> weights = weightOnlyMode(mode))
    return {weights->activation, weights->bits};
  return {typeOfMode(mode), 0};
}

Expected<StringMap<TableMode>> tpu_mlir::readQuantizeTable(StringRef path, const StringSet<> &names) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError(buffer.getError(), "quantize table '%s': %s", path.str().c_str(),
                             buffer.getError().message().c_str());
  StringMap<TableMode> table;
  for (line_iterator line(**buffer, /*SkipBlanks=*/true, '#'), end; line != end; ++line) {
    auto refuse = [&](const Twine &text) {
      return createStringError(inconvertibleErrorCode(),
                               "quantize table '" + path + "', line " + Twine(line.line_number()) + ": " + text);
    };
    SmallVector<StringRef, 4> words = wordsOf(*line);
    if (words.empty())
      continue;
    TableMode mode = words.size() == 2 ? tableModeOf(words[1]) : TableMode();
    if (mode.type == ElementType::None)
      return refuse("expected a name and one of F32, F16, BF16, INT8, W8F16, W8BF16, W4F16, W4BF16");
    if (!names.contains(words[0]))
      return refuse("the model has no op '" + words[0] + "'; the most similar names are " + nearest(words[0], names) +
                    " (ops that were fused go by the name of the last one)");
    table[words[0]] = mode;
  }
  return table;
}
