using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>A collection that is killed at any call, and run again, leaves the same store as one that was not.
/// BLOBS_COLLECT_KILLS sets the number of kills.</summary>
public sealed class CollectionKillTests : IDisposable
{
    private static readonly CollectionOptions Options = new()
    {
        MinimumAge = TimeSpan.Zero,
        Untagged = true,
        Retention = new TagRetention { OlderThan = TimeSpan.Zero, Repositories = ["b/*"] },
        Lease = TimeSpan.FromSeconds(1),
        LeaseMargin = TimeSpan.FromSeconds(1),
    };

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_collection_that_is_run_again_leaves_the_same_store()
    {
        int kills = int.TryParse(
            Environment.GetEnvironmentVariable("BLOBS_COLLECT_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : 20;
        await FillAsync(_folder["store"]);
        Copy("whole");
        var whole = new DyingStorage(Open("whole"), seed: 0, yields: false);
        Collected done = await Collected.RunAsync(whole, Options);
        Assert.NotEmpty(done.Tags);
        Assert.NotEmpty(done.Manifests);
        Assert.NotEmpty(done.Blobs);
        string[] expected = Names("whole");
        Assert.Empty((await Collected.RunAsync(Open("whole"), Options)).All);
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        int killed = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            int call = random.Next(whole.Calls);
            string copy = $"copy-{kill}";
            Copy(copy);
            try
            {
                await new RegistryCollector(new DyingStorage(Open(copy), random.Next(), call, yields: false)).RunAsync(Options);
            }
            catch (KilledException)
            {
                killed++;
            }

            await Collected.RunAsync(Open(copy), Options);
            string[] found = Names(copy);
            Assert.True(
                expected.SequenceEqual(found),
                $"seed {seed}, killed at call {call}: {string.Join(", ", expected.Except(found).Concat(found.Except(expected)))}");
            Directory.Delete(_folder[copy], recursive: true);
        }

        Assert.True(killed > kills / 2, $"only {killed} of {kills} were killed");
    }

    private static async Task FillAsync(string folder)
    {
        var store = new RegistryStore(new FileSystemStorage(folder, new FileSystemStorageOptions { Durability = Durability.None }));
        foreach (string repository in (string[])["a", "b/c"])
        {
            for (int number = 0; number < 5; number++)
            {
                Digest[] layers = [await PushAsync(store, repository, "shared"), await PushAsync(store, repository, $"layer {number}")];
                string parts = string.Join(',', layers.Select(layer => $$"""{"mediaType":"x/y","digest":"{{layer}}","size":7}"""));
                byte[] manifest = Encoding.ASCII.GetBytes(
                    $$"""
                    {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","layers":[{{parts}}],
                    "config":{"mediaType":"x/y","digest":"{{layers[0]}}","size":6} }
                    """);
                await store.PutManifestAsync(repository, $"v{number}", null, manifest, MediaTypes.OciManifest);
            }

            await PushAsync(store, repository, $"an orphan of {repository}");
            await store.DeleteManifestAsync(repository, (await store.FindManifestAsync(repository, "v4"))!.Digest);
        }
    }

    private static async Task<Digest> PushAsync(RegistryStore store, string repository, string content)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(content);
        await using RegistryUpload upload = await store.BeginUploadAsync(repository);
        await upload.AppendAsync(PipeReader.Create(new MemoryStream(bytes)));
        await upload.CommitAsync(Digest.OfSha256(bytes));
        return Digest.OfSha256(bytes);
    }

    private FileSystemStorage Open(string name) =>
        new(_folder[name], new FileSystemStorageOptions { Durability = Durability.None });

    private void Copy(string name)
    {
        using Process copying = Process.Start("cp", ["-a", _folder["store"], _folder[name]]);
        copying.WaitForExit();
        Assert.Equal(0, copying.ExitCode);
    }

    private string[] Names(string name)
    {
        string folder = Path.Combine(_folder[name], "docker/registry/v2");
        return
        [
            .. Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(folder, path))
                .Where(path => path != "gc" && !path.StartsWith("gc/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
    }
}
