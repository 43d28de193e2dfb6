using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Blobs.Bench;

/// <summary>
/// Limits on the heap bytes that each of our methods may allocate in one call, from allocations.json: a figure that does
/// not depend on the machine's load. A method without a limit is an error, one above it a regression.
/// </summary>
internal sealed class AllocationCeilings
{
    private const int Runs = 3;

    private readonly Dictionary<string, long> _ceilings = JsonSerializer.Deserialize<Dictionary<string, long>>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "allocations.json")))!;

    /// <summary>Runs the method and prints what it allocated; false when that is above the limit.</summary>
    public bool Holds(IClaim claim, MethodInfo method)
    {
        if (method.GetCustomAttribute<BenchmarkAttribute>()!.Baseline)
        {
            return true;
        }

        string name = $"{method.DeclaringType!.Name}.{method.Name}";
        long taken = Enumerable.Range(0, Runs).Min(_ => Taken(claim, method));
        bool isKnown = _ceilings.TryGetValue(name, out long ceiling);
        bool holds = isKnown && taken <= ceiling;
        string said = isKnown ? $"{ceiling,12:N0} allowed" : "not in allocations.json";
        Console.WriteLine($"{(holds ? "ok" : "ABOVE"),-8} {name,-44} {taken,12:N0} bytes allocated, {said}");
        return holds;
    }

    // The least of several runs, without one-time allocations and those of the runtime.
    private static long Taken(IClaim claim, MethodInfo method)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Claims.Check(claim, method);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
