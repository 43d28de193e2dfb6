using System.Text;
using System.Text.Json;

namespace Blobs.Interop;

/// <summary>What one run of a program left behind.</summary>
internal sealed record CommandResult(string Command, int ExitCode, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>The lines on standard error that are not empty.</summary>
    public IReadOnlyList<string> Talk =>
        Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public CommandResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"{Command} ended with {ExitCode}, not {exitCode}.\n{Error}\n{Shortened(Text)}");
        return this;
    }

    /// <summary>The one line a refused input is worth, with exit code 1 and nothing on standard output.</summary>
    public string ExpectRefusal()
    {
        Expect(1);
        Assert.True(Talk.Count == 1, $"{Command} wrote {Talk.Count} lines on standard error, not 1:\n{Error}");
        return Talk[0];
    }

    private static string Shortened(string text) => text.Length <= 2000 ? text : text[..2000] + " …";
}
