// Reading of quantize tables.
#include "QuantizeTable.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"

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
  return ElementType::None;
}

Expected<StringMap<ElementType>> tpu_mlir::readQuantizeTable(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return createStringError(buffer.getError(), "quantize table '%s': %s", path.str().c_str(),
                             buffer.getError().message().c_str());
  StringMap<ElementType> table;
  for (line_iterator line(**buffer, /*SkipBlanks=*/true, '#'), end; line != end; ++line) {
    SmallVector<StringRef, 4> words;
    StringRef(*line).split(words, ' ', -1, /*KeepEmpty=*/false);
    for (StringRef &word : words)
      word = word.trim();
    llvm::erase_if(words, [](StringRef word) { return word.empty(); });
    if (words.empty())
      continue;
    ElementType type = words.size() == 2 ? typeOfMode(words[1]) : ElementType::None;
    if (type == ElementType::None)
      return createStringError(inconvertibleErrorCode(),
                               "quantize table '%s', line %ld: expected a name and one of F32, F16, BF16",
                               path.str().c_str(), static_cast<long>(line.line_number()));
    table[words[0]] = type;
  }
  return table;
}
