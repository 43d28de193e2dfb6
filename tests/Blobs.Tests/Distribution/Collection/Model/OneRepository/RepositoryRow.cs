namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>A setting in which the protocol holds, and how many states it has.</summary>
internal sealed record RepositoryRow(string Name, long States, Setting Setting, bool OnDemand = true) : IModelRow;
