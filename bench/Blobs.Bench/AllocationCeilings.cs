using System.Reflection;
using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace Blobs.Bench;

/// <summary>
/// How many bytes of heap each of our own methods may take for one call, from allocations.json: the figure of a benchmark that a busy
/// machine does not change. A method without a ceiling is a mistake, one above it a regression.
/// </summary>
internal sealed class AllocationCeilings
{
    private const int Runs = 3;

    private readonly Dictionary<string, long> _ceilings = JsonSerializer.Deserialize<Dictionary<string, long>>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "allocations.json")))!;

    /// <summary>Runs the method and prints what it took; false when that is too much.</summary>
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

    // The least of several runs: what is made once, and what the runtime does beside, is not the method's.
    private static long Taken(IClaim claim, MethodInfo method)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Claims.Check(claim, method);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
