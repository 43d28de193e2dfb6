using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Blobs.Bench;

/// <summary>Runs the methods of claims alternately, so that other load on the machine affects them equally. Prints one
/// CSV line for each run.</summary>
internal static class Pairs
{
    private const int Rounds = 7;

    // The first rounds are a warm-up while the JIT compiles: at least this many, for at least this long.
    private const int WarmUps = 3;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(4);

    /// <param name="label">The name of the layer, for the first column.</param>
    /// <param name="names">Names of benchmark classes, without the suffix.</param>
    public static void Run(string label, IReadOnlyCollection<string> names)
    {
        foreach (Type type in Claims.Types.Where(type => names.Contains(type.Name.Replace("Bench", "", StringComparison.Ordinal))))
        {
            IClaim claim = Claims.Make(type);
            var warmUp = Stopwatch.StartNew();
            for (int round = 0; round < WarmUps || warmUp.Elapsed < WarmUpTime; round++)
            {
                Claims.Methods(type).ToList().ForEach(method => Claims.Check(claim, method));
            }

            for (int round = 0; round < Rounds; round++)
            {
                foreach (MethodInfo method in Claims.Methods(type))
                {
                    long start = Stopwatch.GetTimestamp();
                    string check = Claims.Check(claim, method);
                    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    BenchmarkAttribute told = method.GetCustomAttribute<BenchmarkAttribute>()!;
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{label},{type.Name},{told.Description},{told.Baseline},{round},{claim.Bytes},{seconds:F6},\"{check}\""));
                }
            }

            (claim as IDisposable)?.Dispose();
        }
    }
}
