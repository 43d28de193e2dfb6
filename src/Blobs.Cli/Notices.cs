namespace Blobs.Cli;

/// <summary>What the library left undone, as a line each on standard error.</summary>
internal sealed class Notices : IProgress<string>
{
    public static Notices ToStandardError { get; } = new();

    public void Report(string value) => Console.Error.WriteLine($"blobs: {value}");
}
