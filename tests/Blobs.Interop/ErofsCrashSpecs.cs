using System.Diagnostics;
using Blobs.Interop.Inputs;

namespace Blobs.Interop;

/// <summary>
/// The verbs that write EROFS images are killed at random moments. What has its final name then is whole, with all that belongs to it, and
/// the same verb completes the rest. <c>BLOBS_INTEROP_KILLS</c> says how often; a few times when nobody says.
/// </summary>
public sealed class ErofsCrashSpecs(ITestOutputHelper output)
{
    private const int KillsUsually = 3;

    private static int Kills => Effort.Of("BLOBS_INTEROP_KILLS", KillsUsually);

    [Theory]
    [InlineData("plain")]
    [InlineData("tar")]
    public async Task A_directory_of_layers_survives(string layout)
    {
        await using var temporary = new TemporaryRoot();
        string archive = temporary["image.tar"];
        DockerArchive.Write(archive, "app:1", [Layer(temporary, 1), Layer(temporary, 2), Layer(temporary, 3)], "/bin/sh");
        string[] To(string folder) =>
            ["copy", $"docker-archive:{archive}", $"erofs:{folder}", "--layout", layout, "--verity", "--durability", "none", "--quiet"];
        string twin = temporary["twin"];
        TimeSpan time = await RunAsync(To(twin));
        SortedDictionary<string, string> whole = FilesIn(twin);
        await KillAsync(time, async (moment, kill) =>
        {
            string folder = temporary[moment];
            await kill(To(folder));
            SortedDictionary<string, string> left = FilesIn(folder);
            Assert.All(left.Where(file => !IsTemporary(file.Key)), file => Assert.Equal(whole[file.Key], file.Value));
            foreach (string image in left.Keys.Where(name => name.EndsWith(".erofs", StringComparison.Ordinal)))
            {
                string[] beside = [.. whole.Keys.Where(name => name.StartsWith(image[..^".erofs".Length], StringComparison.Ordinal))];
                Assert.All(beside, name => Assert.Contains(name, left.Keys));
            }

            await RunAsync(To(folder));
            Assert.Equal(whole, FilesIn(folder));
            Directory.Delete(folder, recursive: true);
        });
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("tar")]
    public async Task An_image_survives(string layout)
    {
        await using var temporary = new TemporaryRoot();
        string layer = Layer(temporary, 1);
        string[] To(string folder) =>
        [
            "erofs", layer, "-o", Path.Combine(folder, "image"), "--layout", layout, "--verity", "--quiet",
            .. (string[])(layout == "plain" ? ["--tar-split", Path.Combine(folder, "recording")] : []),
        ];
        string twin = temporary.Folder("twin");
        TimeSpan time = await RunAsync(To(twin));
        SortedDictionary<string, string> whole = FilesIn(twin);
        await KillAsync(time, async (moment, kill) =>
        {
            string folder = temporary.Folder(moment);
            await kill(To(folder));
            SortedDictionary<string, string> left = FilesIn(folder);
            Assert.All(left.Where(file => !IsTemporary(file.Key)), file => Assert.Equal(whole[file.Key], file.Value));
            Assert.True(!left.ContainsKey("image") || left.Count >= whole.Count, moment);
            await RunAsync(To(folder));
            Assert.Equal(whole, new(FilesIn(folder).Where(file => !IsTemporary(file.Key)).ToDictionary(), StringComparer.Ordinal));
            Directory.Delete(folder, recursive: true);
        });
    }

    private async Task KillAsync(TimeSpan time, Func<string, Func<string[], Task>, Task> round)
    {
        var random = new Random(Kills);
        int hits = 0;
        for (int i = 0; i < Kills; i++)
        {
            await round($"killed-{i}", async arguments =>
            {
                var start = new ProcessStartInfo(BlobsCommand.Native, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
                using Process process = Process.Start(start)!;
                await Task.Delay(time * random.NextDouble() * 1.1);
                hits += process.HasExited ? 0 : 1;
                process.Kill();
                await process.WaitForExitAsync();
            });
        }

        output.WriteLine($"{Kills} kills, {hits} while it ran");
    }

    private static async Task<TimeSpan> RunAsync(string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        await new Command(BlobsCommand.Native, arguments).SucceedAsync();
        return clock.Elapsed;
    }

    private static bool IsTemporary(string name) => Path.GetFileName(name).StartsWith(".tmp-", StringComparison.Ordinal);

    private static SortedDictionary<string, string> FilesIn(string folder) => new(
        !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
        }).ToDictionary(path => Path.GetRelativePath(folder, path), Sha256Text.OfFile),
        StringComparer.Ordinal);

    // Enough that there is time to be killed.
    private static string Layer(TemporaryRoot temporary, int seed)
    {
        byte[] noise = new byte[8 << 20];
        new Random(seed).NextBytes(noise);
        return LayerFiles.Write(temporary, $"layer-{seed}.tar", new TarBuilder()
            .AddRange(Enumerable.Range(0, 2000).Select(number => new TarMember($"d/file-{number}") { Content = [(byte)seed, (byte)number] }))
            .Add(new TarMember("noise") { Content = noise })
            .ToArray());
    }
}
