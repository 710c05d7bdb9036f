-- A name that no tool can read would end every tool that reads the models: it is refused where it is written.  One that is
-- stored already stays until somebody changes it, and the tools name it.
alter table miner_models add constraint miner_models_miner_model_check
	check (miner_model ~ '^[A-Za-z0-9][A-Za-z0-9._+-]{0,30}$') not valid;
