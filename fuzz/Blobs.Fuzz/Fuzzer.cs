using System.Diagnostics;
using System.Security.Cryptography;

namespace Blobs.Fuzz;

/// <summary>
/// A coverage-guided fuzzing loop in one process: an input that covers a new edge joins the corpus. It ends after a
/// number of executions, never after a time, so that a seed always gives the same result.
/// </summary>
internal sealed class Fuzzer(IFuzzTarget target, TargetFiles files, Coverage coverage, int seed)
{
    private const int FindingsMax = 20;

    private readonly Random _random = new(seed);
    private readonly List<byte[]> _corpus = [];
    private readonly HashSet<string> _findings = [];

    /// <summary>Runs <paramref name="executions"/> inputs and prints a summary; false when there are findings.</summary>
    public bool Run(long executions, TextWriter output)
    {
        var clock = Stopwatch.StartNew();
        foreach (byte[] input in files.Corpus())
        {
            Try(input, output);
            _corpus.Add(input);
        }

        if (_corpus.Count == 0)
        {
            _corpus.Add([]);
        }

        int given = _corpus.Count;
        var mutator = new Mutator(_random, files.Dictionary(), target.IsJson);
        for (long i = given; i < executions && _findings.Count < FindingsMax; i++)
        {
            byte[] input = mutator.Mutate(Pick(), _corpus[_random.Next(_corpus.Count)]);
            if (Try(input, output))
            {
                _corpus.Add(input);
            }
        }

        output.WriteLine(
            $"{target.Name,-20} {executions,10:N0} executions  {coverage.Edges,6:N0} edges  {_corpus.Count,5:N0} inputs ({given} given)  "
            + $"{executions / clock.Elapsed.TotalSeconds,9:N0}/s  {(_findings.Count == 0 ? "nothing found" : $"{_findings.Count} FOUND")}");
        return _findings.Count == 0;
    }

    /// <summary>A small set of inputs that covers all edges that the whole corpus covers, the shortest first.</summary>
    public IEnumerable<byte[]> Minimised()
    {
        var fresh = new Coverage();
        foreach (byte[] input in _corpus.OrderBy(input => input.Length))
        {
            fresh.Begin();
            Guarded(input);
            if (fresh.End())
            {
                yield return input;
            }
        }
    }

    // Prefer recent inputs: they covered something new.
    private byte[] Pick() => _random.Next(3) == 0
        ? _corpus[^(1 + _random.Next(Math.Min(_corpus.Count, 16)))]
        : _corpus[_random.Next(_corpus.Count)];

    private bool Try(byte[] input, TextWriter output)
    {
        coverage.Begin();
        if (Guarded(input) is { } fault && _findings.Add($"{fault.GetType().Name} {FirstFrame(fault)}"))
        {
            string path = files.KeepFinding(Convert.ToHexStringLower(SHA256.HashData(input))[..16], input);
            output.WriteLine($"{target.Name}: {path}: {fault}");
        }

        return coverage.End();
    }

    private Exception? Guarded(byte[] input)
    {
        try
        {
            target.Run(input);
            return null;
        }
        catch (Errors.BlobsException)
        {
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
    }

    private static string FirstFrame(Exception fault) =>
        fault is FindingException ? fault.Message : new StackTrace(fault).GetFrame(0)?.GetMethod()?.Name ?? "";
}
