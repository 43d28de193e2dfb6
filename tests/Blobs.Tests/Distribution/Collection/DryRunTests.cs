using System.IO.Pipelines;
using System.Text;
using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Distribution.Collection;

/// <summary>A dry run names exactly what the run after it removes, while a client pushes the same tags again and again. A
/// derived class opens the storage.</summary>
public abstract class DryRunTests
{
    private static readonly CollectionOptions Options = new()
    {
        MinimumAge = TimeSpan.Zero,
        Untagged = true,
        Retention = new TagRetention { KeepTags = 2, Repositories = ["ci/*"] },
    };

    [Fact]
    public async Task A_dry_run_names_what_the_run_then_removes_while_the_same_tags_are_pushed()
    {
        IRegistryStorage storage = await OpenAsync();
        var store = new RegistryStore(storage);
        foreach (int number in Enumerable.Range(1, 4))
        {
            await PushAsync(store, "ci/app", $"v{number}", $"layer {number}");
            await BlobAsync(store, "app", Encoding.ASCII.GetBytes($"orphan {number}"));
            await PushAsync(store, "ci/app", null, $"untagged {number}");
        }

        // Clocks may tell whole seconds: nothing may be young for the dry run alone.
        DateTimeOffset filled = await storage.TimeAsync() + TimeSpan.FromSeconds(1);
        while (await storage.TimeAsync() < filled)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        using var stop = new CancellationTokenSource();
        int pushed = 0;
        Task pushing = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await PushAsync(store, "app", "latest", "layer of the latest");
                    Interlocked.Increment(ref pushed);
                }
            },
            CancellationToken.None);
        await PushedAsync();
        Collected dry = await Collected.RunAsync(storage, Options with { DryRun = true });
        Collected done = await Collected.RunAsync(storage, Options);
        await PushedAsync();
        await stop.CancelAsync();
        await pushing;
        Assert.Equal(dry.All, done.All);
        Assert.Equal(2, done.Tags.Length);
        Assert.Equal(6, done.Manifests.Length);
        Assert.NotNull(await store.FindManifestAsync("app", "latest"));

        async Task PushedAsync()
        {
            for (int before = Volatile.Read(ref pushed); Volatile.Read(ref pushed) < before + 2 && !pushing.IsCompleted;)
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }
    }

    internal abstract ValueTask<IRegistryStorage> OpenAsync();

    private static async Task PushAsync(RegistryStore store, string repository, string? tag, string layer)
    {
        byte[] content = Encoding.ASCII.GetBytes(layer);
        string part = $$"""{"mediaType":"x/y","digest":"{{await BlobAsync(store, repository, content)}}","size":{{content.Length}}}""";
        byte[] manifest = Encoding.ASCII.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{part}},"layers":[{{part}}]}""");
        await store.PutManifestAsync(repository, tag, null, manifest, MediaTypes.OciManifest);
    }

    private static async Task<Digest> BlobAsync(RegistryStore store, string repository, byte[] content)
    {
        await using RegistryUpload upload = await store.BeginUploadAsync(repository);
        await upload.AppendAsync(PipeReader.Create(new MemoryStream(content)));
        await upload.CommitAsync(Digest.OfSha256(content));
        return Digest.OfSha256(content);
    }
}

/// <summary>A dry run on a directory.</summary>
public sealed class DirectoryDryRunTests : DryRunTests, IDisposable
{
    private readonly TemporaryFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    internal override ValueTask<IRegistryStorage> OpenAsync() => new(
        new FileSystemStorage(_folder["store"], new FileSystemStorageOptions { Durability = Durability.None }));
}
