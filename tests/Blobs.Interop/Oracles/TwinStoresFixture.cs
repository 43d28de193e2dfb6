using Blobs.Interop.Inputs;

namespace Blobs.Interop.Oracles;

/// <summary>Fills the two stores once a driver, at the first test that looks at them.</summary>
public sealed class TwinStoresFixture : IAsyncLifetime
{
    private readonly TemporaryRoot _temporary = new();
    private readonly Dictionary<string, Task<TwinStores>> _filled = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _temporary.DisposeAsync();

    internal Task<TwinStores> Of(string driver) =>
        _filled.TryGetValue(driver, out Task<TwinStores>? filled) ? filled : _filled[driver] = FillAsync(driver);

    private async Task<TwinStores> FillAsync(string driver)
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        return await TwinStores.FillAsync(_temporary, driver,
        [
            LayerFiles.Write(_temporary, $"base-{driver}.tar", BaseLayer.Build()),
            LayerFiles.Write(_temporary, $"odd-{driver}.tar", OddLayer.Build()),
            LayerFiles.Write(_temporary, $"whiteout-{driver}.tar", WhiteoutLayer.Build()),
            .. RealLayers(driver),
        ]);
    }

    // BLOBS_INTEROP_LAYERS names a folder of *.tar.gz from real images, for a run that takes longer.
    private IEnumerable<string> RealLayers(string driver)
    {
        string? folder = Environment.GetEnvironmentVariable("BLOBS_INTEROP_LAYERS");
        string[] files = string.IsNullOrEmpty(folder) || driver != "overlay2" ? [] : Directory.GetFiles(folder, "*.tar.gz");
        return files.Order(StringComparer.Ordinal).Select((file, number) =>
            LayerFiles.Write(_temporary, $"real-{number}.tar", LayerFiles.Gunzip(file)));
    }
}
