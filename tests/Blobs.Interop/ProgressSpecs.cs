using System.Diagnostics;
using System.Text.RegularExpressions;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>What a terminal shows while layers move.</summary>
public sealed class ProgressSpecs
{
    [Theory]
    [InlineData(120, true)]
    [InlineData(80, true)]
    [InlineData(40, false)]
    public async Task Sizes_stand_on_one_line_and_move_without_colour(int columns, bool hasBar)
    {
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        await new Command("mkfifo", temporary["pipe"]).SucceedAsync();
        string load = $"stty columns {columns}; '{BlobsCommand.Path}' load --root '{temporary["root"]}' <'{temporary["pipe"]}'";
        using var terminal = Process.Start(new ProcessStartInfo(
            Oracle.Need("script"), ["--quiet", "--flush", "--return", "--command", load, temporary["seen"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            Environment = { ["NO_COLOR"] = "1", ["TERM"] = "xterm" },
        })!;
        Task<string> output = terminal.StandardOutput.ReadToEndAsync();
        byte[] archive = await File.ReadAllBytesAsync(image.Archive);
        await using (FileStream pipe = File.OpenWrite(temporary["pipe"]))
        {
            // The layer of 12.6 MB is on the way, twice: its sizes have to be there both times.
            await pipe.WriteAsync(archive.AsMemory(0, 6 << 20));
            string[] first = await SizesAsync(terminal, temporary["seen"], 1);
            await pipe.WriteAsync(archive.AsMemory(6 << 20, 4 << 20));
            string[] both = await SizesAsync(terminal, temporary["seen"], first.Length + 1);
            Assert.NotEqual(both[0], both[^1]);
            await pipe.WriteAsync(archive.AsMemory(10 << 20));
        }

        await terminal.WaitForExitAsync();
        Assert.Equal(0, terminal.ExitCode);
        string[] lines = LinesOf(await output);
        Assert.All(lines, line => Assert.True(line.Length < columns, line));
        Assert.Equal(hasBar, lines.Any(line => line.Contains("=>", StringComparison.Ordinal)));
        Assert.Contains($"Loaded image: {TestImage.Name}", lines);
    }

    // The different sizes that a line showed so far, once there are enough.
    private static async Task<string[]> SizesAsync(Process terminal, string file, int count)
    {
        while (true)
        {
            string[] sizes = !File.Exists(file) ? [] :
            [
                .. LinesOf(await File.ReadAllTextAsync(file)).Select(line => Regex.Match(line, @"[\d.]+ MB/12\.6 MB$").Value)
                    .Where(size => size.Length > 0).Distinct(),
            ];
            if (sizes.Length >= count)
            {
                return sizes;
            }

            Assert.False(terminal.HasExited);
            await Task.Delay(20);
        }
    }

    private static string[] LinesOf(string seen) =>
        [.. Regex.Replace(seen, @"\e\[[0-9;?]*[A-Za-z]", "").Split('\n', '\r').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
}
