// Reads instruction formats from TableGen records and checks them.
#include "InstructionModel.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TableGen/Error.h"
#include "llvm/TableGen/Record.h"
#include <algorithm>

using namespace llvm;

namespace tblgen {
namespace {

using Index = StringMap<unsigned>;

std::vector<const Record *> inSourceOrder(ArrayRef<const Record *> records) {
  std::vector<const Record *> sorted(records.begin(), records.end());
  std::sort(sorted.begin(), sorted.end(), [](const Record *a, const Record *b) { return a->getID() < b->getID(); });
  return sorted;
}

Slot readSlot(const Record *bits, const Index &fields) {
  unsigned width = bits->getValueAsInt("Width");
  uint64_t initial = static_cast<uint64_t>(bits->getValueAsInt("Initial"));
  return {fields.lookup(bits->getValueAsDef("TheField")->getName()),
          static_cast<unsigned>(bits->getValueAsInt("Offset")), width,
          width == 64 ? initial : initial & ((uint64_t{1} << width) - 1)};
}

/// Slots have to follow one another without gap or overlap and fill the layout.
bool check(const Layout &layout, const Chip &chip, const Record *record) {
  unsigned next = 0;
  for (const Slot &slot : layout.slots) {
    if (slot.offset != next || slot.width == 0 || slot.width > 64) {
      PrintError(record, "field " + chip.fields[slot.field].name + " does not start at bit " + Twine(next) +
                             " or has no width from 1 to 64");
      return false;
    }
    next += slot.width;
  }
  if (next == layout.bits)
    return true;
  PrintError(record, "the fields cover " + Twine(next) + " of " + Twine(layout.bits) + " bits");
  return false;
}

bool check(const Format &format, const Chip &chip, const Record *record) {
  const Layout &layout = chip.layouts[format.layout];
  const Slot *selector = layout.find(chip.subs[format.sub].selector);
  bool complete = selector && llvm::all_of(format.matches, [&](auto &match) { return layout.find(match.first); });
  if (!complete) {
    PrintError(record, "a match or selector field is not part of the layout");
    return false;
  }
  return llvm::all_of(chip.subs[format.sub].operations, [&](const SubOp &op) {
    if (op.value >> selector->width == 0)
      return true;
    PrintError(record, op.symbol + " does not fit the selector field");
    return false;
  });
}

Enumeration readEnumeration(const Record *record) {
  Enumeration result{record->getName().str(), record->getValueAsString("Text").str(), {}};
  for (const Record *item : record->getValueAsListOfDefs("cases"))
    result.cases.push_back(
        {item->getValueAsString("Name").str(), item->getValueAsString("Text").str(), item->getValueAsInt("Value")});
  return result;
}

SubOperations readSubOperations(const Record *record, const Index &fields) {
  SubOperations result{record->getName().str(), fields.lookup(record->getValueAsDef("Selector")->getName()), {}};
  for (const Record *op : record->getValueAsListOfDefs("operations"))
    result.operations.push_back({static_cast<unsigned>(op->getValueAsInt("Value")),
                                 op->getValueAsString("Symbol").str(), op->getValueAsString("Enumerator").str(),
                                 op->getValueAsString("Meaning").str()});
  return result;
}

} // namespace

const Slot *Layout::find(unsigned field) const {
  auto it = llvm::find_if(slots, [&](const Slot &slot) { return slot.field == field; });
  return it == slots.end() ? nullptr : &*it;
}

std::optional<Chip> readChip(const RecordKeeper &records) {
  auto chips = records.getAllDerivedDefinitions("Chip");
  if (chips.size() != 1) {
    PrintError("exactly one Chip record is needed");
    return std::nullopt;
  }
  Chip chip;
  chip.ns = chips[0]->getValueAsString("namespace").str();
  chip.name = chips[0]->getValueAsString("name").str();
  Index fields, layouts, subs;
  for (const Record *r : inSourceOrder(records.getAllDerivedDefinitions("Engine")))
    chip.engines.push_back(r->getValueAsString("Name").str());
  for (const Record *r : inSourceOrder(records.getAllDerivedDefinitions("Enumeration")))
    if (r->getName() != "NoEnumeration")
      chip.enumerations.push_back(readEnumeration(r));
  for (const Record *r : inSourceOrder(records.getAllDerivedDefinitions("Field"))) {
    StringRef enumeration = r->getValueAsDef("Enum")->getName();
    fields[r->getName()] = chip.fields.size();
    chip.fields.push_back({r->getName().str(), r->getValueAsString("Text").str(),
                           enumeration == "NoEnumeration" ? "" : enumeration.str(), r->getValueAsBit("Hex")});
  }
  for (const Record *r : inSourceOrder(records.getAllDerivedDefinitions("Layout"))) {
    Layout layout{r->getName().str(), static_cast<unsigned>(r->getValueAsInt("Size")), {}};
    for (const Record *bits : r->getValueAsListOfDefs("fields"))
      layout.slots.push_back(readSlot(bits, fields));
    if (!check(layout, chip, r))
      return std::nullopt;
    layouts[r->getName()] = chip.layouts.size();
    chip.layouts.push_back(std::move(layout));
  }
  for (const Record *r : inSourceOrder(records.getAllDerivedDefinitions("SubOperations"))) {
    subs[r->getName()] = chip.subs.size();
    chip.subs.push_back(readSubOperations(r, fields));
  }
  for (const Record *r : inSourceOrder(records.getAllDerivedDefinitions("Instruction"))) {
    Format format{r->getName().str(),
                  r->getValueAsDef("TheEngine")->getValueAsString("Name").str(),
                  r->getValueAsString("operands").str(),
                  r->getValueAsString("note").str(),
                  layouts.lookup(r->getValueAsDef("TheLayout")->getName()),
                  subs.lookup(r->getValueAsDef("Sub")->getName()),
                  {}};
    for (const Record *match : r->getValueAsListOfDefs("Matches"))
      format.matches.emplace_back(fields.lookup(match->getValueAsDef("TheField")->getName()),
                                  match->getValueAsInt("Value"));
    if (!check(format, chip, r))
      return std::nullopt;
    chip.formats.push_back(std::move(format));
  }
  return chip;
}

} // namespace tblgen
