namespace Blobs.Interop.Oracles;

/// <summary>Engines start one after the other: several at once on a small machine only wait for each other.</summary>
[CollectionDefinition(Name, DisableParallelization = false)]
public sealed class EngineCollection
{
    public const string Name = "engines";
}
