using Blobs.Distribution.Collection;
using Blobs.Distribution.Storage;
using Blobs.Distribution.Verification;
using Blobs.Errors;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Distribution.Storage;

/// <summary>A wrong directory is an error, never an empty store. A writer creates a missing store.</summary>
public sealed class StoreRootTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nosuch")]
    [InlineData("empty")]
    public async Task Reading_or_collecting_what_is_no_store_is_an_error(string name)
    {
        Directory.CreateDirectory(_folder["empty"]);
        var storage = new FileSystemStorage(_folder[name]);
        await Assert.ThrowsAsync<NotFoundException>(async () => await storage.PrepareAsync(mayWrite: false));
        await Assert.ThrowsAsync<NotFoundException>(() => new RegistryCollector(storage).RunAsync());
        await Assert.ThrowsAsync<NotFoundException>(
            () => new RegistryCollector(storage).RunAsync(new CollectionOptions { DryRun = true }));
        await Assert.ThrowsAsync<NotFoundException>(() => StoreVerifier.RunAsync(_folder[name]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["empty"]));
    }

    [Fact]
    public async Task Who_may_write_makes_the_store()
    {
        var storage = new FileSystemStorage(_folder["new"]);
        await storage.PrepareAsync(mayWrite: true);
        Assert.True(Directory.Exists(_folder["new/docker/registry/v2"]));
        await storage.PrepareAsync(mayWrite: false);
        Assert.Equal(0, (await new RegistryCollector(storage).RunAsync()).Blobs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_is_no_store_and_the_error_says_so(bool mayWrite)
    {
        await File.WriteAllTextAsync(_folder["file"], "");
        StoreException fault = await Assert.ThrowsAsync<StoreException>(
            async () => await new FileSystemStorage(_folder["file"]).PrepareAsync(mayWrite));
        Assert.Equal($"{_folder["file"]}: is a file, expected a directory", fault.Message);
    }

    [Fact]
    public async Task A_store_below_a_file_cannot_be_made()
    {
        await File.WriteAllTextAsync(_folder["file"], "");
        await Assert.ThrowsAsync<StoreException>(
            async () => await new FileSystemStorage(_folder["file/store"]).PrepareAsync(mayWrite: true));
    }

    // Everyone may read the kernel's files, and nobody may write to them.
    [Fact]
    public async Task A_place_that_cannot_be_written_to_is_found_out_at_once()
    {
        SystemCallException fault = await Assert.ThrowsAsync<SystemCallException>(
            async () => await new FileSystemStorage("/proc/self/store").PrepareAsync(mayWrite: true));
        Assert.StartsWith("/proc/self: write: ", fault.Message, StringComparison.Ordinal);
    }
}
