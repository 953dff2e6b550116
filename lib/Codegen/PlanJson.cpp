// Plans as JSON: groups by the names of their ops, with slices or tiles.
#include "PlanCheck.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
namespace json = llvm::json;

static constexpr llvm::StringLiteral axisNames = "NCHWK";

json::Value codegen::toJson(const Network &network, const NetworkPlan &plan) {
  json::Array groups;
  for (const GroupSpec &spec : plan.groups) {
    json::Object group;
    json::Array names;
    for (int node = spec.first; node < spec.first + spec.count; ++node)
      names.push_back(network.nodes[static_cast<size_t>(node)].name);
    group["ops"] = std::move(names);
    if (spec.tiling) {
      std::string order;
      for (Axis axis : spec.tiling->order)
        order += axisNames[static_cast<size_t>(axis)];
      group["tile"] = json::Array(spec.tiling->size);
      group["order"] = order;
    } else {
      group["nsecs"] = spec.nsecs, group["hsecs"] = spec.hsecs, group["wsecs"] = spec.wsecs;
      group["channel_tiles"] = json::Array(spec.channelTiles);
      group["streams"] = spec.streams;
    }
    groups.push_back(std::move(group));
  }
  return json::Object{{"groups", std::move(groups)}, {"cycles", plan.cycles}};
}

namespace {

class PlanReader {
public:
  PlanReader(const Network &network, const json::Value &json) : network(network), json(json) {}

  llvm::Expected<NetworkPlan> run() {
    const json::Object *top = json.getAsObject();
    const json::Array *groups = top ? top->getArray("groups") : nullptr;
    if (!groups)
      return refuse("has no list \"groups\"");
    NetworkPlan plan;
    plan.cycles = top->getInteger("cycles").value_or(0);
    for (const json::Value &entry : *groups) {
      const json::Object *group = entry.getAsObject();
      if (!group)
        return refuse("has a group that is no object");
      GroupSpec spec;
      if (llvm::Error error = readOps(*group, spec))
        return error;
      if (llvm::Error error = group->get("tile") ? readTiling(*group, spec) : readSlices(*group, spec))
        return error;
      plan.groups.push_back(std::move(spec));
    }
    if (next != network.nodes.size())
      return refuse(llvm::formatv("does not reach '{0}'", network.nodes[next].name));
    if (llvm::Error error = checkPlan(network, plan))
      return refuse("does not fit the network: " + llvm::toString(std::move(error)));
    return plan;
  }

private:
  static llvm::Error refuse(const llvm::Twine &what) { return llvm::createStringError("the plan " + what); }

  llvm::Error readOps(const json::Object &group, GroupSpec &spec) {
    const json::Array *ops = group.getArray("ops");
    if (!ops || ops->empty())
      return refuse("has a group without \"ops\"");
    spec.first = static_cast<int>(next);
    spec.count = static_cast<int>(ops->size());
    for (const json::Value &op : *ops) {
      llvm::StringRef name = op.getAsString().value_or("");
      if (next == network.nodes.size())
        return refuse("names '" + name + "' behind the last op of the network");
      if (name != network.nodes[next].name)
        return refuse("names '" + name + "' where the network has '" + network.nodes[next].name +
                      "'; it belongs to another network or mode");
      ++next;
    }
    return llvm::Error::success();
  }

  llvm::Error readTiling(const json::Object &group, GroupSpec &spec) {
    const json::Array *sizes = group.getArray("tile");
    auto order = group.getString("order");
    Tiling tiling;
    if (!sizes || sizes->size() != numAxes || !order || order->size() != numAxes)
      return refuse("has a \"tile\" that is not five extents with an \"order\" of NCHWK");
    for (unsigned a = 0; a < numAxes; ++a) {
      auto size = (*sizes)[a].getAsInteger();
      size_t axis = axisNames.find((*order)[a]);
      if (!size || *size < 1 || *size > INT32_MAX || axis == llvm::StringRef::npos)
        return refuse("has an extent below 1 or an unknown axis in a \"tile\"");
      tiling.size[a] = *size;
      tiling.order[a] = static_cast<Axis>(axis);
    }
    std::string sorted = order->str();
    llvm::sort(sorted);
    if (sorted != "CHKNW" || tiling.order.back() != Axis::K)
      return refuse("has an \"order\" that does not name every axis once with K last");
    spec.tiling = tiling;
    return llvm::Error::success();
  }

  llvm::Error readSlices(const json::Object &group, GroupSpec &spec) {
    for (auto [name, field] : {std::pair{"nsecs", &spec.nsecs}, {"hsecs", &spec.hsecs}, {"wsecs", &spec.wsecs}}) {
      *field = group.getInteger(name).value_or(1);
      if (*field < 1 || *field > 65536)
        return refuse(llvm::formatv("has {0} outside of 1..65536", name));
    }
    spec.streams = group.getBoolean("streams").value_or(false);
    if (const json::Array *tiles = group.getArray("channel_tiles"))
      for (const json::Value &tile : *tiles) {
        auto channels = tile.getAsInteger();
        if (!channels || *channels < 0 || *channels > 65536)
          return refuse("has a channel tile outside of 0..65536");
        spec.channelTiles.push_back(*channels);
      }
    return llvm::Error::success();
  }

  const Network &network;
  const json::Value &json;
  size_t next = 0;
};

} // namespace

llvm::Expected<NetworkPlan> codegen::planFromJson(const Network &network, const json::Value &json) {
  return PlanReader(network, json).run();
}
