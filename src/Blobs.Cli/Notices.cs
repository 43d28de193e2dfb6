namespace Blobs.Cli;

/// <summary>Prints the library's notices, one line each, on stderr.</summary>
internal sealed class Notices : IProgress<string>
{
    public static Notices ToStandardError { get; } = new();

    public void Report(string value) => Console.Error.WriteLine($"blobs: {value}");
}
