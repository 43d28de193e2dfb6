using System.Diagnostics;
using System.Globalization;

namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>
/// How much the model's tests explore: the small settings each time, all of them with <c>BLOBS_MODEL=all</c>.
/// </summary>
internal static class ModelEffort
{
    private static readonly bool IsAll = Environment.GetEnvironmentVariable("BLOBS_MODEL") == "all";

    /// <summary>The names of the rows of a table that are explored this time.</summary>
    public static TheoryData<string> Names<TRow>(IEnumerable<TRow> rows)
        where TRow : IModelRow => [.. rows.Where(row => IsAll || !row.OnDemand).Select(row => row.Name)];

    /// <summary>
    /// Explores a model, and says in the test's output what was found, how long it took, and in how much memory.
    /// </summary>
    public static Exploration Explore<TState>(IStateModel<TState> model, long expected)
        where TState : unmanaged
    {
        var time = Stopwatch.StartNew();
        Exploration found = Explorer<TState>.Explore(model, expected);
        using var process = Process.GetCurrentProcess();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{found}\n{time.Elapsed.TotalSeconds:F1} s, the process has {process.WorkingSet64 >> 20} MiB"));
        return found;
    }
}
